# One image for every role; docker-compose.yml gives each its command, its settings and its health check.
FROM python:3.13-slim-bookworm AS build
WORKDIR /source
RUN python -m venv /app
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# The dependencies first: they change less often than the source. Every hash is checked.
COPY requirements.lock ./
RUN /app/bin/pip install --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY config ./config
COPY treatywatch ./treatywatch
COPY producers ./producers
COPY processors ./processors
COPY sinks ./sinks
RUN /app/bin/pip install --no-deps --no-build-isolation . && /app/bin/pip uninstall --yes pip

FROM python:3.13-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin treatywatch \
 && install --directory --owner 10001 --group 10001 --mode 700 /state
COPY --from=build /app /app
# The root file system is read-only at run time; what must survive is in /state, what need not in /tmp.
ENV PATH=/app/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TREATYWATCH_STATE=/state
VOLUME /state
USER 10001:10001
# As a list: SIGTERM reaches Python itself.
ENTRYPOINT []
CMD ["treatywatch", "--help"]
