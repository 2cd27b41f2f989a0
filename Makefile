# The commands of the house. Everything is set up from a bare checkout and again only when the pins change.
#   make demo [PORT=8000] [EXAMPLE=utility|telecom] [DB=postgresql://...]     make test | check | proof | bench | docs
#   make cover | mutation (how good the tests of access are)
#   make pins (renew requirements/)    make pictures (12 key pages x 3 themes x 2 modes; renews docs/images)    make clean    PYTHON=python3.12 chooses the interpreter of the first set-up

SHELL := /bin/bash
.DEFAULT_GOAL := help

PORT ?= 8000
EXAMPLE ?= utility
DB ?=
PYTHON ?=
TESTS ?=
WORKERS ?= 2

# Tests start hundreds of processes: where the environment forbids bytecode, each would compile the whole house anew.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
PINNED := $(PIP) install --require-hashes --no-deps
PROJECT := $(PIP) install --no-build-isolation --no-deps --editable .
COMPILE := build/pins/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command "make pins"

# Who may do what, and the tests that belong to it.
GUARDED := src/lkportal/auth/*,src/lkportal/accounts/*,src/lkportal/core/policy.py
GUARDING := src/lkportal/auth/tests src/lkportal/accounts/tests src/lkportal/staff/tests/test_view_as.py \
	src/lkportal/staff/tests/test_access.py src/lkportal/staff/tests/test_gate.py src/lkportal/staff/tests/test_switches.py \
	src/lkportal/staff/tests/test_card.py src/lkportal/privacy/tests/test_consents.py src/lkportal/api/tests/test_tokens.py \
	tests/web/test_policy.py tests/web/test_guard.py tests/journeys/test_crossing.py tests/journeys/test_own_sign_in.py \
	tests/journeys/test_reach_law.py

.PHONY: help demo test check fix proof bench docs pictures pins clean chromium gates cover mutation

help:
	@sed -n '2,4s/^# *//p' Makefile

demo: $(VENV)/.run
	@exec $(BIN)/lkportal demo $(EXAMPLE) --port $(PORT) $(if $(DB),--db "$(DB)")

# In the order of the folders: the pages, few tests that take longest, would come last and find the other workers done.
test: $(VENV)/.dev gates
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder $(TESTS)

proof: $(VENV)/.dev gates
	@bash tools/npm.sh lighthouse
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder -m proof $(TESTS)
	$(if $(TESTS),,$(BIN)/python -m benchmarks.imports)

cover: $(VENV)/.dev gates
	@rm -f build/coverage*
	$(BIN)/coverage run --data-file=build/coverage --source=src/lkportal/auth,src/lkportal/accounts,src/lkportal/core \
		-m pytest -q -n $(WORKERS) --dist loadgroup $(GUARDING)
	@$(BIN)/coverage combine -q --data-file=build/coverage build
	$(BIN)/coverage report --data-file=build/coverage --include='$(GUARDED)' --show-missing --fail-under=100

mutation: $(VENV)/.dev
	$(BIN)/python -m tools.mutation $(FILES)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --quiet $(wildcard src examples)
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy $(wildcard src tests tools examples benchmarks)
	$(BIN)/python -m pytest -q tests/architecture

fix: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m tools.reference
	$(BIN)/python -m tools.kit
	$(BIN)/python -m tools.public_names

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

docs: $(VENV)/.dev
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --fresh-env -c docs -d build/doctrees . build/docs
	@echo "The documentation stands in build/docs: open build/docs/index.html. It reads as Markdown too: docs/README.md"

pictures: $(VENV)/.dev chromium
	$(BIN)/python -m tests.browser.pictures build/pictures --docs docs/images
	$(BIN)/python -m tests.browser.gallery docs/images --docs

chromium:
	@bash tools/chromium.sh

# What judges pages besides: axe-core and the Nu checker by npm, Java for the latter; design tokens and an identity provider as others
# make them; Redocly and the reference library of webhooks for the open API; OpenLDAP; poppler's reader of seals; nginx and Caddy.
gates: chromium $(VENV)/.dev
	@bash tools/pango.sh $(BIN)/python
	@bash tools/java.sh
	@bash tools/slapd.sh
	@bash tools/poppler.sh
	@bash tools/proxies.sh
	@bash tools/npm.sh gates tokens provider programs

# -- set-up: one virtual environment, hash-pinned, stamped ------------------------------------------------------------

$(VENV)/.python:
	@bash tools/venv.sh "$(VENV)" "$(PYTHON)"
	@touch $@

$(VENV)/.project: $(VENV)/.python requirements/run.txt requirements/build.txt pyproject.toml
	$(PINNED) -r requirements/build.txt
	$(PINNED) -r requirements/run.txt
	$(PROJECT)
	@touch $@

$(VENV)/.run: $(VENV)/.project
	@touch $@

$(VENV)/.dev: $(VENV)/.project requirements/dev.txt
	$(PINNED) -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.dev requirements/bench.txt
	$(PINNED) -r requirements/bench.txt
	@touch $@

# -- pins: written from pyproject.toml; the registry is whatever this machine's configuration says, and is not recorded --

build/pins/.ready: requirements/pins.txt $(VENV)/.python
	$(BIN)/python -m venv build/pins
	build/pins/bin/python -m pip --quiet install --require-hashes --no-deps -r requirements/pins.txt
	@touch $@

pins: build/pins/.ready
	$(COMPILE) pyproject.toml --extra ldap --extra oidc --extra passkeys --extra pdf --extra postgres --extra preview --extra s3 --extra server --extra signing -o requirements/run.txt $(UPGRADE)
	$(COMPILE) --group build -c requirements/run.txt -o requirements/build.txt $(UPGRADE)
	$(COMPILE) pyproject.toml --extra ldap --extra oidc --extra passkeys --extra pdf --extra postgres --extra preview --extra s3 --extra server --extra signing --group build --group dev -c requirements/run.txt \
		-c requirements/build.txt -o requirements/dev.txt $(UPGRADE)
	$(COMPILE) pyproject.toml --extra ldap --extra oidc --extra passkeys --extra pdf --extra postgres --extra preview --extra s3 --extra server --extra signing --group bench -c requirements/dev.txt \
		-o requirements/bench.txt $(UPGRADE)
	$(COMPILE) --group pins -o requirements/pins.txt $(UPGRADE)
	@bash tools/npm.sh --pin

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src tests tools examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
