# make demo    train, snapshot, break, diff, roll back: the demo notebook, run for real
# make test    style, types, floors and every test, with coverage
# make test-oldest  the tests in a browser, with the oldest JupyterLab and Notebook that are supported
# make bench   speed and memory beside the peers found on PATH
# make lab     JupyterLab with the panel, on this folder: make lab FOLDER=~/projects/digits for another
# make format  put the code in its standard form
# make clean   remove the virtual environment and everything tools left behind
#
# A clean clone, Python 3.10 or newer, make and git are all it takes. Each target installs what it needs into .venv, once: the stamp
# files carry the checksum of pyproject.toml, so nothing is installed again until that changes.

SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
KEY := $(shell cksum < pyproject.toml | cut -d ' ' -f 1)
FOLDER ?= .
PIP := HATCH_JUPYTER_BUILDER_SKIP_NPM=1 $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet

.PHONY: help demo test test-oldest bench lab format clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

demo: .venv/.demo-$(KEY)
	@$(BIN)/python binder/demo.py

test: .venv/.test-$(KEY)
	@tests/tools.sh
	@tests/lab.sh check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --config pyproject.toml
	$(BIN)/python -m pytest --cov --numprocesses auto $(PYTEST_ARGS)

test-oldest: .venv/.test-$(KEY)
	@tests/lab.sh build
	@[[ -e .venv/oldest/.$(KEY) ]] || { echo "Installing JupyterLab 4.2 and Notebook 7.2 into .venv/oldest" && $(PYTHON) -m venv --clear .venv/oldest && \
	  HATCH_JUPYTER_BUILDER_SKIP_NPM=1 .venv/oldest/bin/python -m pip --disable-pip-version-check --no-input install --quiet \
	  'jupyterlab==4.2.*' 'notebook==7.2.*' --editable '.[diff]' && touch .venv/oldest/.$(KEY); }
	LAB_PYTHON='$(CURDIR)/.venv/oldest/bin/python' $(BIN)/python -m pytest tests/browser $(PYTEST_ARGS)

bench: .venv/.bench-$(KEY)
	$(BIN)/python -m tests.benchmarks $(BENCH_ARGS)

lab: .venv/.lab-$(KEY)
	@tests/lab.sh build
	@mkdir -p .venv/share/jupyter/labextensions && rm -rf .venv/share/jupyter/labextensions/jupyter-kit
	@ln -s "$(CURDIR)/jupyter_kit/labextension" .venv/share/jupyter/labextensions/jupyter-kit
	$(BIN)/jupyter lab --ServerApp.root_dir='$(abspath $(FOLDER))' $(LAB_ARGS)

format: .venv/.test-$(KEY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	@tests/lab.sh format

clean:
	rm -rf .venv .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	rm -rf jupyter_kit/labextension labextension/lib labextension/node_modules labextension/*.tsbuildinfo

# The extra named in the stamp is installed with the package itself, editable, so that a change to the code needs no new install.
.venv/.%-$(KEY): | .venv/bin/pip
	@echo "Installing jupyter-kit[$*] into .venv"
	@$(PIP) --editable '.[$*]'
	@rm -f .venv/.$*-* && touch $@

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "Python 3.10 or newer is needed and $(PYTHON) is not: run 'make PYTHON=python3.12' with the name of one that is." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { \
	  echo "This Python cannot make virtual environments: run 'apt-get install python3-venv', then make again." >&2; exit 1; }
	@$(PYTHON) -m venv .venv
