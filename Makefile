# Omonat. `make` alone lists what there is. What has to be there before: make, bash, Python 3.11+ with venv.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
VENV := .venv
BIN := $(VENV)/bin
OMONAT := $(BIN)/omonat
PORT ?= 8080
WORKERS ?= 2
PIP_COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --strip-extras \
	--allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -c requirements/extras.in

.PHONY: help setup run demo test check format lock docs bench screenshots clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 22

setup: $(VENV)/.test  ## everything that tests and checks need: packages, browsers, PostgreSQL

$(VENV)/.run: requirements/run.txt pyproject.toml
	@scripts/setup run

$(VENV)/.test: $(VENV)/.run requirements/test.txt requirements/firefox/package-lock.json
	@scripts/setup test

run: $(VENV)/.run  ## serve the real policy on http://localhost:8080
	@test -f var/run/omonat.toml || \
		$(OMONAT) init --data var/run --keys var/keys --policy policies/iptelefoniya --admin "$$(id -un)"
	@$(OMONAT) --data var/run serve --dev --port $(PORT)

demo: $(VENV)/.run  ## serve invented people and a month of events, made anew each time
	@rm -rf var/demo var/demo-keys
	@$(OMONAT) demo --data var/demo --keys var/demo-keys --policy policies/iptelefoniya --admin "$$(id -un)"
	@$(OMONAT) --data var/demo serve --dev --port $(PORT)

test: setup  ## all tests, on SQLite and PostgreSQL, with Chromium; ARGS="-k name" for some
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

check: setup  ## format, lint, types, floors, sizes
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@PYTHONPATH=src $(BIN)/lint-imports --no-logo
	@$(BIN)/python scripts/size_rules.py
	@$(BIN)/python scripts/installed_size.py

format: setup  ## put the code in order
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: setup  ## write the lock files anew: newest releases within pyproject.toml
	@$(PIP_COMPILE) --upgrade -o requirements/run.txt pyproject.toml requirements/build.in
	@$(PIP_COMPILE) --upgrade -c requirements/run.txt --extra aws --extra pkcs11 --extra test -o requirements/test.txt pyproject.toml requirements/build.in

docs: setup  ## write the generated tables of docs/ anew
	@$(BIN)/python scripts/error_table.py --write
	@$(BIN)/python scripts/command_page.py --write
	@$(BIN)/python scripts/verify_page.py --write
	@$(BIN)/python scripts/api_description.py --write
	@$(BIN)/python scripts/client_code.py --write

bench: setup  ## how quick it is, beside what is asked: docs/operate/performance.md says how it is measured
	@for each in bench/*.py; do echo "== $$each"; PYTHONPATH=tests $(BIN)/python $$each; done

screenshots: setup  ## docs/images/ from a demo installation
	@PYTHONPATH=tests $(BIN)/python scripts/screenshots.py

clean:  ## remove what was built; keeps var/, which holds data
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
