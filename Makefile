# `make run` starts Moothall; `make test` runs everything that must pass.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# The checks start many processes, which would otherwise compile all modules anew each time.
unexport PYTHONDONTWRITEBYTECODE
# The checks read the settings too; nothing of a person's own installation may reach them.
CHECKED := env -u DATABASE_URL -u DATABASE_URL_FILE MOOTHALL_DATA=$(CURDIR)/.test-data

.PHONY: run check lint types layers migrations test test-fast test-library test-site test-whole test-installations
.PHONY: test-browser chromium postfix
.PHONY: format audit clean bench-web bench-import bench-peers bench-digest bench-inbound bench-mail-peers bench-spared bench-screening filters

run: .venv/.made
	@$(BIN)/moothall up

# pip's own work is quiet, so say what takes the time.
.venv/.made: requirements.txt pyproject.toml screening/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Moothall needs Python 3.11 or newer; name one with: make PYTHON=python3.12")'
	@echo "Installing the packages into .venv …"
	@$(PYTHON) -m venv .venv || { echo "On Debian, Python's venv is a package of its own: apt install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable screening --editable .
	@touch $@

.venv/.made-dev: .venv/.made requirements-dev.txt
	@echo "Installing the tools into .venv …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@

check: lint types layers migrations

lint: .venv/.made-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.made-dev
	$(CHECKED) $(BIN)/mypy

layers: .venv/.made-dev
	$(CHECKED) $(BIN)/lint-imports

migrations: .venv/.made-dev
	$(CHECKED) $(BIN)/moothall makemigrations --check --dry-run
	$(BIN)/pip check

test: check test-fast test-whole

# Side by side, for two cores. Each says what it found at its end.
test-fast: .venv/.made-dev
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-library test-site

# As above: both wait for other programs much of the time.
test-whole: .venv/.made-dev postfix chromium
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-installations test-browser

test-library: .venv/.made-dev
	cd screening && ../$(BIN)/python -m pytest -q tests

test-site: .venv/.made-dev
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --ignore tests/e2e -m "not slow" tests

test-installations: .venv/.made-dev postfix
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --ignore tests/e2e -m slow tests

test-browser: .venv/.made-dev chromium
	$(BIN)/python -m pytest -q tests/e2e

postfix:
	@.ci/postfix

chromium:
	@.ci/chromium

format: .venv/.made-dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

audit: .venv/.made-dev
	$(BIN)/pip-audit --requirement requirements.txt --disable-pip --no-deps

bench-web bench-import bench-peers bench-digest bench-inbound bench-mail-peers bench-spared: bench-%: .venv/.made-dev
	$(BIN)/python bench/$(subst -,_,$*).py

# PEERS="bogofilter rspamd" measures only these; MOOTHALL_BENCH_SETS names a folder of public sets.
bench-screening: .venv/.made-dev filters
	$(BIN)/python bench/screening.py $(PEERS)

filters:
	@.ci/filters $(PEERS)

clean:
	rm -rf .venv .peers .test-data .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
