# One image for every process; docker-compose.yml says which process a container is.
FROM python:3.12-slim AS packages
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin callus
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OMP_NUM_THREADS=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    VAR_DIR=/srv/callus/var \
    BIND=0.0.0.0 \
    PORT=8000
COPY --from=packages /venv /venv
WORKDIR /srv/callus
COPY manage.py requirements.txt Procfile ./
COPY accounts accounts
COPY classifier classifier
COPY config config
COPY docker docker
COPY static static
COPY templates templates
COPY triage triage

# Static files belong to the image. The secret and the addresses exist for this one line: nothing keeps them.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" DATABASE_URL=postgresql://build/build REDIS_URL=redis://build ALLOWED_HOSTS=build PUBLIC_URL=https://build python manage.py collectstatic --no-input

# What containers share or keep are volumes over these folders, which take their owner from here.
RUN install -d -o callus -g callus var/media var/models var/beat

USER callus
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "docker/healthy.py", "web"]
CMD ["gunicorn", "-c", "config/gunicorn.py", "config.wsgi:application"]
