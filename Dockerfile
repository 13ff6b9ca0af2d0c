# Two images of one site: `web` serves, keeps time and sweeps; `worker` runs the model, and is the larger one.
# docker-compose.yml says which process a container is, and which image it takes.
FROM python:3.12-slim AS web-packages
COPY requirements-web.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements-web.txt

FROM web-packages AS worker-packages
COPY requirements-worker.txt .
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements-worker.txt

FROM python:3.12-slim AS site
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin callus
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OMP_NUM_THREADS=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    VAR_DIR=/srv/callus/var
WORKDIR /srv/callus
COPY manage.py requirements-web.txt requirements-worker.txt Procfile ./
COPY accounts accounts
COPY classifier classifier
COPY config config
COPY docker docker
COPY static static
COPY templates templates
COPY triage triage
# What containers share or keep are volumes over these folders, which take their owner from here.
RUN install -d -o callus -g callus var/media var/models var/beat

FROM site AS worker
COPY --from=worker-packages /venv /venv
USER callus
HEALTHCHECK --interval=60s --timeout=30s --start-period=60s CMD ["python", "docker/healthy.py", "inference"]
CMD ["celery", "-A", "config.celery", "worker", "-Q", "inference", "-n", "inference@%h", "--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]

FROM site AS web
COPY --from=web-packages /venv /venv
ENV BIND=0.0.0.0 \
    PORT=8000
# Static files belong to the image. The secret and the addresses exist for this one line: nothing keeps them.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" DATABASE_URL=postgresql://build/build REDIS_URL=redis://build ALLOWED_HOSTS=build PUBLIC_URL=https://build python manage.py collectstatic --no-input
USER callus
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "docker/healthy.py", "web"]
CMD ["gunicorn", "-c", "config/gunicorn.py", "config.wsgi:application"]
