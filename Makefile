# `make help` says what there is. Everything runs from .venv, which is made and kept current from the hashed locks.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test setup check audit bench fix lock schema

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
	@echo "make test     all tests on SQLite and PostgreSQL (ARGS='-k periods', DB=sqlite or DB=postgresql)"
	@echo "make setup    the Python environment .venv only, with the tools"
	@echo "make check    style, types, unsafe code, settings, migrations, OpenAPI; changes nothing"
	@echo "make audit    known holes in what requirements.lock pins (asks the network)"
	@echo "make bench    rates beside their anchors, as ratios (ARGS='postgresql million singles sqlite async'); takes minutes"
	@echo "make fix      what the style check can mend by itself"
	@echo "make schema   write docs/openapi-v1.json and docs/problems.md anew"
	@echo "make lock     pin requirements*.txt anew (UPGRADE=--upgrade for the newest versions)"

setup:
	@$(EVERYTHING)

# exec: signals that make passes on must reach the foreground process, not a shell around it.
run:
	@$(RUNTIME)
	@exec $(python) -m kpitracker.run --end-with-parent

test:
	@$(EVERYTHING)
	@exec $(python) -m tests.launcher $(ARGS)

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

compile = $(python) -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)
lock:
	@$(EVERYTHING)
	@$(compile) requirements.txt --output-file requirements.lock
	@$(compile) requirements-dev.txt --constraint requirements.lock --output-file requirements-dev.lock
