# The workflow, one word per task; .ci/run and CONTRIBUTING.md use the same words.
#
#   make run [ARGS=…]    the demo newsroom through the whole pipeline, live page on 127.0.0.1
#   make live [ARGS=…]   the same on the real feeds of config/feeds.yml
#   make test            everything: format, lint, types, unit, property, embedded, real servers (at most 10 min)
#   make lint | unit | stack | load | nightly | measure | unjudged | calibrate CORPUS=DIR | base | docs | lock | format

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run live test lint unit stack load nightly bench measure unjudged calibrate base docs lock format

# A stamp newer than its lock says that the environment is up to date. pip checks every hash.
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check

$(VENV)/.run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "treatywatch needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make run PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) …"
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.lock
	@echo "installing the test tools …"
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/.run
	@exec $(BIN)/treatywatch up --demo $(ARGS)

live: $(VENV)/.run
	@exec $(BIN)/treatywatch up $(ARGS)

test: lint unit stack

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

unit: $(VENV)/.test
	$(BIN)/pytest -n 4 --dist worksteal -m "not stack"

# One after the other: the servers of a test are its own.
stack: $(VENV)/.test
	$(BIN)/pytest -m stack tests/stack

# Ten minutes: 5,000 feeds, a kill, a broker that is away; smaller with ARGS="--feeds 500 --seconds 60 …".
load: $(VENV)/.test
	$(BIN)/python -m tests.load $(ARGS)

# Ratios to named references; CORPUS=DIR measures the prefilter on its .jsonl.gz files too.
bench: $(VENV)/.test
	BENCH=1 BENCH_CORPUS="$(CORPUS)" $(BIN)/pytest tests/bench --timeout 1200 --figures docs/performance.md

nightly: $(VENV)/.test
	HYPOTHESIS_PROFILE=nightly NIGHTLY=1 $(BIN)/pytest --timeout 7200

JUDGED := tests/processors/detect/judged.jsonl
BLIND := tests/processors/detect/blind/headlines.jsonl

measure: $(VENV)/.test
	$(BIN)/treatywatch measure --corpus "$(CORPUS)" --judged $(JUDGED) --also $(BLIND) --write docs/quality.md

# Prints the signals that nobody has judged, with their texts; see tests/processors/detect/JUDGING.md.
unjudged: $(VENV)/.test
	@$(BIN)/treatywatch measure --corpus "$(CORPUS)" --judged $(JUDGED) --unjudged

# After a gain: what the blind texts must be read as well as from now on.
base: $(VENV)/.test
	$(BIN)/treatywatch eval $(BLIND) --json > $(dir $(BLIND))base.json.new && mv $(dir $(BLIND))base.json.new $(dir $(BLIND))base.json

calibrate: $(VENV)/.test
	$(BIN)/treatywatch calibrate --corpus "$(CORPUS)" --judged $(JUDGED)

docs: $(VENV)/.test
	$(BIN)/python -m tests.reference

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

lock: $(VENV)/.test
	$(INSTALL) uv
	$(COMPILE) --group build pyproject.toml -o requirements.lock
	$(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock
