# Callus. `make` lists what there is.
VENV := .venv
BIN := $(VENV)/bin
# The first Python that really runs: a name on the PATH may be a shim of a version that isn't there.
PYTHON ?= $(shell for name in python3.12 python3.11 python3.13 python3.14 python3; do \
	$$name -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome || true)
export CHROMIUM
ARGS ?=
# Processes of the tests, each on servers of its own; 0 for one process, which a debugger needs.
PROCESSES ?= 2
SPREAD := --dist loadgroup --no-loadscope-reorder
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run manage test test-all smoke lint format screens

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

run: $(VENV)/run.stamp ## Run the whole site with demonstration data (PORT=8000, VAR_DIR=./var)
	@exec $(BIN)/python -m localservices run

manage: $(VENV)/run.stamp ## manage.py on the site's database, running or not (ARGS="createsuperuser")
	@exec $(BIN)/python -m localservices manage -- $(ARGS)

test: $(VENV)/test.stamp ## All tests, on a private PostgreSQL and Redis (ARGS="-k worklist" for some)
	@test -n "$(CHROMIUM)" || echo "No Chromium: the browser tests are left out. Install it, or set CHROMIUM=/path."
	@exec $(BIN)/python -m localservices services --database callus_test -- $(BIN)/python -m pytest -n $(PROCESSES) $(SPREAD) $(ARGS)

test-all: $(VENV)/test.stamp ## The whole form of all tests, and mutants; adds a row to bench/RESULTS.md
	@exec $(BIN)/python -m bench.whole_suite -- -n $(PROCESSES) $(SPREAD)

smoke: $(VENV)/run.stamp ## A throwaway site, 20 cases over REST, one line of JSON
	@exec $(BIN)/python -m localservices smoke

lint: $(VENV)/test.stamp ## Style, import floors, sizes and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djhtml --check --tabwidth 2 templates
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m lint.sizes
	$(BIN)/python -m lint.migrations
	$(BIN)/python -m mypy accounts triage classifier config training localservices demo lint

format: $(VENV)/test.stamp ## Rewrite the sources in our style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djhtml --tabwidth 2 templates

screens: $(VENV)/test.stamp ## Take a picture of every page, for docs/screens and the README (needs Chromium)
	@exec $(BIN)/python -m localservices demo -- $(BIN)/python tests/e2e/screens.py --keep

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Callus needs Python 3.11 or newer with venv on the PATH (Debian, Ubuntu: apt install python3-venv). Another place: make PYTHON=/path/to/python …"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

# A newer Python, or a venv that was just made, makes the stamps old: so it is an ordinary prerequisite.
SITE := requirements.txt requirements-web.txt requirements-worker.txt requirements-local.txt
$(VENV)/run.stamp: $(SITE) $(BIN)/python
	@echo "Installing what runs Callus (PyTorch is large; this is the long part of the first start) …"
	@$(INSTALL) -r requirements-local.txt
	@touch $@

$(VENV)/test.stamp: $(SITE) requirements-training.txt requirements-dev.txt $(BIN)/python
	@echo "Installing what runs and tests Callus (PyTorch is large; this is the long part) …"
	@$(INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp
