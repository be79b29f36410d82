# `make run` starts Moothall, `make test` runs everything that must pass.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TEST_DATA := $(CURDIR)/.test-data

.PHONY: run test check format clean

$(VENV)/.made: requirements.txt pyproject.toml screening/pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable screening --editable .
	touch $@

$(VENV)/.made-dev: $(VENV)/.made requirements-dev.txt
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	touch $@

run: $(VENV)/.made
	$(BIN)/moothall up
