# `make train` and `make test` set everything up by themselves; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
export PATH := $(abspath $(BIN)):$(PATH)
# Tests start Python by the hundred: no sources are to be compiled each time.
unexport PYTHONDONTWRITEBYTECODE
# One worker a core. More only wait for each other.
WORKERS ?= auto

.PHONY: help setup train test pages test-all lint format bench report docs lock clean

help:
	@echo "make setup     the environment, in .venv/, from locked versions"
	@echo "make train     train XOR in the golden model, then in simulated gateware"
	@echo "make test      all tests but the long ones: some 15 minutes of processor time"
	@echo "make pages     run what the pages and notebooks show, and compare: a minute"
	@echo "make test-all  and those that take longer: place and route"
	@echo "make lint      style, types, and the arrows between the folders"
	@echo "make format    let ruff put the style right"
	@echo "make bench     speed of the golden model and of the simulated gateware"
	@echo "make report    area, speed and time to solution; reports/*.json, their tables. Some rows:"
	@echo "               make report ROWS=\"xor-fast:ulx3s-25f cells\""
	@echo "make docs      the site, in build/site; a dead link or an undocumented name is an error"
	@echo "make lock      resolve the versions in requirements.lock again (needs uv)"
	@echo "make clean     remove what was built; the environment stays"

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

train: setup
	@mkdir -p build
	@echo "== the golden model"
	$(BIN)/mgd train xor --plot build/xor-model.png
	@echo "== the gateware, simulated"
	$(BIN)/mgd train xor --engine sim --plot build/xor-sim.png

test: setup
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow and not pages"

pages: setup
	$(BIN)/python -m pytest -n $(WORKERS) -m pages

test-all: setup
	$(BIN)/python -m pytest -n $(WORKERS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/python -m experiments.bench

report: setup
	$(BIN)/python -m experiments.report $(ROWS)

docs: setup
	rm -rf build/site
	$(BIN)/python -m sphinx --quiet --fail-on-warning --jobs auto --doctree-dir build/doctrees docs build/site
	$(BIN)/python -m docs.checks.links build/site
	$(BIN)/python -m docs.checks.coverage build/site

lock:
	uv pip compile pyproject.toml --extra dev --extra docs --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url --output-file requirements.lock

clean:
	rm -rf build docs/reference/python .pytest_cache .hypothesis .ruff_cache
