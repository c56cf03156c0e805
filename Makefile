# `make help` says what there is. Everything runs from .venv, which is made and kept current from the hashed locks.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run quick test test-all test-browser screens coverage test-pythons setup check audit bench fix lock messages schema
# Without kept bytecode each of the many Python processes of a test compiles the source again, for a second.
unexport PYTHONDONTWRITEBYTECODE

ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
else
SAME_PYTHON := --same-python
endif

need = $(if $(PYTHON),,echo "Python 3.11 or newer is missing: apt install python3 python3-venv" >&2; exit 1;) \
	$(PYTHON) kpitracker/run/environment.py $(1) $(SAME_PYTHON)
RUNTIME := $(call need,requirements.lock)
EVERYTHING := $(call need,requirements-dev.lock)
python := .venv/bin/python
SOURCES := kpitracker indicators targets tasks tests bench manage.py

help:
	@echo "make run      start everything with the demo plan (PORT=8000 DATA_DIR=var DEMO=yes)"
	@echo "make quick    one path while you write (ARGS=tests/targets/domain); without ARGS the core and the services"
	@echo "make test     what a change needs, on SQLite and PostgreSQL (ARGS='-k periods', DB=sqlite or DB=postgresql)"
	@echo "make test-all the same with long generated runs, series of crashes and coverage"
	@echo "make test-browser  what each reader does, in Chromium (ARGS=tests/browser/test_board.py)"
	@echo "make screens  take the pictures in docs/screens again"
	@echo "make coverage what part of the source the tests run, lines and branches, with its floors (SQLite)"
	@echo "make test-pythons  the core under the other supported Pythons that are on this machine"
	@echo "make setup    the Python environment .venv only, with the tools"
	@echo "make check    style, types, unsafe code, settings, migrations, OpenAPI; changes nothing"
	@echo "make audit    known holes in what requirements.lock pins (asks the network)"
	@echo "make bench    rates beside their anchors, as ratios (ARGS='postgresql million singles sqlite async'); takes minutes"
	@echo "make fix      what the style check can mend by itself"
	@echo "make schema   write docs/openapi-v1.json and docs/problems.md anew"
	@echo "make messages  compile the translations of the admin (kpitracker/locale)"
	@echo "make lock     pin requirements*.txt anew (UPGRADE=--upgrade for the newest versions)"

setup:
	@$(EVERYTHING)

# exec: signals that make passes on must reach the foreground process, not a shell around it.
run:
	@$(RUNTIME)
	@exec $(python) -m kpitracker.run --end-with-parent

# One process, SQLite; a server starts when a test asks for it. What failed last time comes first.
CORE := tests/indicators/domain tests/targets/domain tests/indicators/services tests/targets/services
quick:
	@$(EVERYTHING)
	@EXAMPLES=quick exec $(python) -m pytest -q -x --ff -m "not long" $(or $(ARGS),$(CORE))

test:
	@$(EVERYTHING)
	@exec $(python) -m tests.launcher test $(ARGS)

test-all:
	@$(EVERYTHING)
	@exec $(python) -m tests.launcher all $(ARGS)

# Installs Debian's Chromium by apt when it is missing.
test-browser:
	@$(EVERYTHING)
	@exec $(python) -m tests.browser $(ARGS)

screens:
	@$(EVERYTHING)
	@exec $(python) -m tests.browser screens $(ARGS)

coverage:
	@$(EVERYTHING)
	@exec $(python) -m tests.launcher coverage $(ARGS)

test-pythons:
	@$(EVERYTHING)
	@exec $(python) -m tests.launcher.pythons $(CORE)

check:
	@$(EVERYTHING)
	@exec $(python) -m tests.checks

# --strict: what could not be looked up is no clean bill.
audit:
	@$(EVERYTHING)
	@$(python) -m pip_audit --strict --require-hashes --disable-pip --requirement requirements.lock

bench:
	@$(EVERYTHING)
	@exec $(python) -m bench $(ARGS)

fix:
	@$(EVERYTHING)
	@$(python) -m ruff check --fix $(SOURCES)
	@$(python) -m ruff format $(SOURCES)

schema:
	@$(EVERYTHING)
	@$(python) manage.py spectacular --file docs/openapi-v1.json --format openapi-json --lang en --validate --fail-on-warn
	@$(python) manage.py list_problems > docs/problems.md

messages:
	@$(EVERYTHING)
	@$(python) -c "import polib; folder = 'kpitracker/locale/vi/LC_MESSAGES/'; polib.pofile(folder + 'django.po').save_as_mofile(folder + 'django.mo')"

compile = $(python) -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)
lock:
	@$(EVERYTHING)
	@$(compile) requirements.txt --output-file requirements.lock
	@$(compile) requirements-dev.txt --constraint requirements.lock --output-file requirements-dev.lock
