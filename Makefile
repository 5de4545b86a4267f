# Each target sets up .venv first, and again only when pyproject.toml changed. After that all but
# `clients` work offline. Another Python: make test PYTHON=python3.13

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NODE_CLIENTS := tests/clients/node
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help demo test check clients engine bench
.DEFAULT_GOAL := help

help:
	@echo "make demo     the whole of Prosona in a few seconds, on one person's behaviour"
	@echo "make test     the tests"
	@echo "make check    style, types and the direction of imports"
	@echo "make clients  the MCP clients of other languages, which some tests use"
	@echo "make bench    the table of what is measured; takes minutes, and wants a quiet machine"
	@echo "make engine   a real vLLM on the CPU (2.5 GB), which some tests use"

demo: $(READY)
	@$(BIN)/python examples/demo.py

test: $(READY)
	@$(BIN)/python -m pytest

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	@$(BIN)/python -m benchmarks.speed

clients: $(READY)
	@echo "== npm packages into $(NODE_CLIENTS)"
	@PATH="$(abspath $(BIN)):$$PATH" npm --prefix $(NODE_CLIENTS) ci --no-audit --no-fund

engine: $(READY)
	@$(BIN)/python tests/engine/install.py

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Prosona needs Python 3.11 or newer; \
	this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.13")'
	@echo "== 1/3 a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@echo "== 2/3 a pip that knows dependency groups"
	@$(PIP) install --quiet --upgrade "pip>=25.1"
	@echo "== 3/3 Prosona and what its tests need; this takes a minute or two"
	@$(PIP) install --editable . --group dev
	@touch $@
	@echo "== ready"
