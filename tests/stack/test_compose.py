"""docker-compose.yml: every process, a health check each, and no right or secret that isn't needed."""

import shlex

import pytest
from honcho.environ import parse_procfile

from localservices.cluster import INITDB
from tests.processes import REPOSITORY
from tests.stack.compose import SECRETS, VARIABLE, compose, compose_text, instructions

PROCESSES = ("web", "worker-intake", "worker-inference", "worker-default", "beat")
SERVERS = ("db", "redis")


@pytest.fixture(scope="module")
def services() -> dict:
    return compose()["services"]


def test_it_holds_every_service(services):
    assert set(services) == {*SERVERS, "migrate", *PROCESSES}


def test_the_processes_are_those_of_the_procfile(services):
    """One list of what runs, on a laptop and in containers."""
    local = parse_procfile((REPOSITORY / "Procfile").read_text()).processes
    assert tuple(local) == PROCESSES
    for name in PROCESSES:
        command = services[name]["command"]
        if command[:2] == ["sh", "-c"]:
            command = shlex.split(command[2].removeprefix("exec "))
        assert command == shlex.split(local[name].replace("${VAR_DIR:-var}", "$VAR_DIR"))


@pytest.mark.parametrize("name", [*SERVERS, *PROCESSES])
def test_what_runs_on_is_checked_and_restarted(services, name):
    assert services[name]["restart"] == "unless-stopped"
    assert services[name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", PROCESSES)
def test_the_owners_rights_stay_with_the_migration(services, name):
    text = str(services[name])
    assert "OWNER" not in text
    assert "callus_owner" not in text
    assert SECRETS["CALLUS_OWNER_PASSWORD"] not in services[name]["environment"].values()
    assert "postgresql://callus_app:three@db/callus" in text
    owner = services["migrate"]["environment"]["DATABASE_OWNER_URL"]
    assert owner == "postgresql://callus_owner:two@db/callus"


@pytest.mark.parametrize("name", PROCESSES)
def test_processes_start_when_the_tables_are_there(services, name):
    waits = services[name]["depends_on"]
    assert waits["migrate"]["condition"] == "service_completed_successfully"
    assert waits["db"]["condition"] == waits["redis"]["condition"] == "service_healthy"
    assert services["migrate"]["restart"] == "no"


def test_a_start_leaves_the_administrators_choice_of_a_release(services):
    command = services["migrate"]["command"][-1]
    assert "register_release classifier/releases/* --activate-if-none" in command


@pytest.mark.parametrize("name", ["migrate", *PROCESSES])
def test_our_containers_can_do_little(services, name):
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in service, "the image's own user is not root"


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_has_a_default(name):
    with pytest.raises(KeyError, match=name):
        compose({key: value for key, value in SECRETS.items() if key != name})


def test_only_the_worker_that_runs_the_model_has_the_image_with_an_engine(services):
    images = {name: services[name]["image"] for name in ("migrate", *PROCESSES)}
    assert images == {
        **dict.fromkeys(images, "callus-web"),
        "worker-inference": "callus-worker",
    }
    for name, tag in images.items():
        assert services[name]["build"] == {"context": ".", "target": tag.removeprefix("callus-")}
    assert services["worker-inference"]["environment"]["INFERENCE_ENGINE"] == "onnx"


def test_only_the_site_is_published_and_only_to_this_host(services):
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_every_volume_lies_over_a_folder_that_the_images_user_owns(services):
    made = next(rest for name, rest in instructions() if name == "RUN" and "install -d" in rest)
    for name in ("migrate", *PROCESSES):
        for volume in services[name].get("volumes", []):
            folder = volume.split(":")[1].removeprefix("/srv/callus/")
            assert folder in made.split()


def test_what_readers_and_writers_share(services):
    volumes = {name: services[name]["volumes"] for name in ("migrate", *PROCESSES)}
    assert "models:/srv/callus/var/models" in volumes["migrate"]
    for name in PROCESSES[:3]:
        assert "models:/srv/callus/var/models:ro" in volumes[name]
        assert "media:/srv/callus/var/media" in volumes[name]


def test_text_sorts_as_on_a_laptop(services):
    assert services["db"]["environment"]["POSTGRES_INITDB_ARGS"].split() == list(INITDB)


def test_the_example_names_every_variable():
    example = (REPOSITORY / "docker" / "env.example").read_text()
    lines = [line for line in example.splitlines() if line and not line.startswith("#")]
    asked = {found["name"] for found in VARIABLE.finditer(compose_text()) if found["name"]}
    assert {line.split("=")[0] for line in lines} == asked
