# `make` alone prints what there is. Each step of the set-up leaves a stamp in .venv/ and runs again when what it read has changed.
PYTHON ?= python3
VENV   := .venv
RUN    := $(VENV)/bin/python
BABEL  := $(VENV)/bin/pybabel -q
PIP    := $(RUN) -m pip install -qq --disable-pip-version-check --no-input --no-deps
# What dies with make: the kernel tells them, whatever kills it.
ENDING := exec setpriv --pdeathsig TERM --

# Debian package=program that shows that it is there
TEST_PROGRAMS := chromium=chromium

# What chaos breaks (S, P, R: docs/decisions/0009-chaos.md), how long each, by which seed
CHAOS_CONFIG  ?= SPR
CHAOS_SECONDS ?= 135
CHAOS_SEED    ?= 1

# What starts real processes waits more than it works. A file stays with one process: its tests share what they start.
SIDE_BY_SIDE := -n 2 --dist loadfile

CATALOGUES := $(wildcard app/translations/*/LC_MESSAGES/*.po)
STATIC     := $(wildcard app/static/*.css app/static/*.js app/static/*.svg)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup run serve worker stubs test test-setup test-fast test-slow test-postgresql test-rabbitmq lint drift \
        texts bench bench-peers screenshots chaos clean

help: ## print this
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(VENV)/installed $(VENV)/assets ## install all that running needs

run: setup ## set up, then run the service, a worker, all stubs and gentle demo traffic
	@$(ENDING) $(RUN) -m app.cli run

serve: setup ## run the service and a worker only
	@$(ENDING) $(RUN) -m app.cli serve

worker: setup ## run one more worker
	@$(RUN) -m app.cli init
	@$(ENDING) $(RUN) -m app.workers

stubs: setup ## run the stubs only
	@$(ENDING) $(RUN) -m app.cli stubs

test: test-fast test-slow test-postgresql test-rabbitmq ## run every test, after installing what they need

test-setup: $(VENV)/installed-dev $(VENV)/assets
	@.ci/system-packages $(TEST_PROGRAMS)

test-fast: test-setup
	$(RUN) -m pytest -q -n 2 -m "not e2e and not crash and not browser and not rabbitmq"

test-slow: test-setup
	$(RUN) -m pytest -q $(SIDE_BY_SIDE) -m "(e2e or crash or browser) and not rabbitmq and not postgresql"

test-postgresql: test-setup ## run the services', the workers', the queries' and the crash tests and the shop's flows on a throwaway PostgreSQL
	@.ci/system-packages postgresql=/usr/lib/postgresql/15/bin/pg_ctl
	$(RUN) -m pytest -q -n 2 --engine=postgresql -m "not rabbitmq" tests/services tests/workers tests/queries tests/messaging tests/crash
	$(RUN) -m pytest -q $(SIDE_BY_SIDE) --engine=postgresql -m "postgresql or either_engine" tests/e2e

test-rabbitmq: test-setup ## run the broker's tests, the crash tests and the shop's flows on a throwaway RabbitMQ
	@.ci/system-packages rabbitmq-server=rabbitmq-server postgresql=/usr/lib/postgresql/15/bin/pg_ctl
	$(RUN) -m pytest -q $(SIDE_BY_SIDE) -m "rabbitmq and not e2e" --ignore=tests/crash
	$(RUN) -m pytest -q $(SIDE_BY_SIDE) -m rabbitmq --engine=postgresql tests/crash
	$(RUN) -m pytest -q $(SIDE_BY_SIDE) --broker=rabbitmq -m "e2e and (rabbitmq or either_broker)" tests/e2e

lint: $(VENV)/installed-dev ## check style and types
	$(RUN) -m ruff check
	$(RUN) -m mypy

drift: $(VENV)/installed ## compare what the migrations make with the models
	$(RUN) -m app.cli drift

texts: $(VENV)/installed ## gather the pages' texts into the Russian catalogue; what is new there waits for its translation
	@$(BABEL) extract -F babel.cfg -k _ -k translate -k lazy_gettext --no-location --sort-output --omit-header \
		-o $(VENV)/messages.pot .
	@$(BABEL) update -i $(VENV)/messages.pot -d app/translations -l ru --width=120 \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@sed -i -E '/^"(Report-Msgid|POT-Creation|PO-Revision|Last-Translator|Language-Team|Generated-By)/d' $(CATALOGUES)

bench: $(VENV)/installed-dev ## measure, each figure beside its floor
	@.ci/system-packages postgresql=/usr/lib/postgresql/15/bin/pg_ctl rabbitmq-server=rabbitmq-server
	$(RUN) -m bench
	$(RUN) -m bench --engine postgresql

bench-peers: $(VENV)/installed-dev ## measure our retries beside Celery and Dramatiq, each killed five times
	@.ci/system-packages postgresql=/usr/lib/postgresql/15/bin/pg_ctl rabbitmq-server=rabbitmq-server
	$(RUN) -m bench.peers

screenshots: test-setup ## run the shop, let orders fail, and take the README's pictures of the desk
	$(RUN) -m tests.screenshots

chaos: $(VENV)/installed-dev ## break everything at random for 10 minutes, and tell whether anything was lost or doubled
	@.ci/system-packages postgresql=/usr/lib/postgresql/15/bin/pg_ctl rabbitmq-server=rabbitmq-server
	@$(RUN) -m chaos --config $(CHAOS_CONFIG) --seconds $(CHAOS_SECONDS) --seed $(CHAOS_SEED)

clean: ## remove what was installed and built; instance/ with its data stays
	rm -rf $(VENV) node_modules app/static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find app -name '*.mo' -delete -o -path '*/static/*.gz' -delete

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/system-packages python3-venv=
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/installed: requirements.txt $(VENV)/created
	@echo "Installing Python packages"
	@$(PIP) -r requirements.txt
	@$(RUN) -m pip check --disable-pip-version-check >/dev/null
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	@echo "Installing the tests' and linters' packages"
	@$(PIP) -r requirements-dev.txt
	@$(RUN) -m pip check --disable-pip-version-check >/dev/null
	@touch $@

$(VENV)/npm: requirements-node.txt $(VENV)/created
	@command -v npm >/dev/null || { echo "Installing npm"; $(PIP) -r requirements-node.txt; }
	@touch $@

$(VENV)/front-end: package.json package-lock.json .npmrc $(VENV)/npm
	@echo "Installing front-end packages"
	@NODE_USE_SYSTEM_CA=1 PATH="$$PATH:$(CURDIR)/$(VENV)/bin" \
		npm ci --include=dev --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

$(VENV)/assets: $(VENV)/front-end $(VENV)/installed app/assets.py $(CATALOGUES) $(STATIC)
	@$(RUN) -m app.assets
	@$(RUN) -m whitenoise.compress --quiet app/static
	@touch $@
