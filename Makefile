# Everything is installed into .venv and node_modules and nothing outside them, except Chromium if there is none
# (tools/chromium.py). Serving needs no node_modules.
PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq
PYTEST := $(BIN)/python -m pytest
PARALLEL := --numprocesses logical --maxprocesses 8 --dist worksteal
# Where each test has a server, a Chromium and a kernel of its own, about a gigabyte, or runs mypy in a copy.
BROWSERS := tests/browser tests/recipes

# Pip has one process, and so has mypy: the browser's half is fetched beside the one and checked beside the other, and
# what is left of mypy runs beside the first tests.
MAKEFLAGS += --jobs=2
unexport MAKEFLAGS

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tests start hundreds of Pythons, and each would compile everything again. Pip compiles nothing for them: a third of its
# time, all of it on one core, for modules most of which no test imports.
unexport PYTHONDONTWRITEBYTECODE

# A stamp older than pyproject.toml says that the dependencies may have changed. Serving needs no test tools.
RUNTIME := $(VENV)/.stamp-runtime
DEVELOP := $(VENV)/.stamp-develop
DOCUMENTS := $(VENV)/.stamp-documents
RELEASE := $(VENV)/.stamp-release

# What checks the browser's half. A node that is new enough is taken from the PATH, or put into .venv.
NPM := $(BIN)/python -m tools.npm
MODULES := node_modules/.stamp

# Sets CHROMIUM, or stops the recipe.
WITH_CHROMIUM := CHROMIUM=$$($(BIN)/python tools/chromium.py) && export CHROMIUM

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help serve lab site check test test-32bit test-engines test-install test-hub test-vm test-container lint python browser js models docs dist bench screenshots clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

serve: $(RUNTIME) ## open the dashboards in a browser with Voila (ARGS="..." are passed on)
	$(BIN)/folioviz serve $(ARGS)

lab: $(RUNTIME) ## open the notebooks in JupyterLab (ARGS="..." are passed on)
	$(BIN)/folioviz lab --into notebooks $(ARGS)

check: lint js ## lint, types and the quick tests, a few cases of each; no browser
	$(PYTEST) $(PARALLEL) -m 'not browser and not slow' --few 2

test: lint js models ## lint, types and all tests, in a real browser too (gets Chromium if there is none)
	@echo "make test boots no kernel of its own: make test-vm does"
	$(WITH_CHROMIUM) && $(PYTEST) $(PARALLEL) --maxprocesses 2 $(BROWSERS)

models: $(DEVELOP)
	$(PYTEST) $(PARALLEL) $(BROWSERS:%=--ignore=%)

test-engines: $(DEVELOP) ## before a release: all of conformance on plain Python, then as machine code
	for engine in python compiled; do \
	  FOLIOVIZ_ENGINE=$$engine $(PYTEST) $(PARALLEL) tests/evidence/conformance tests/evidence/recordings || exit; \
	done

test-install: $(DEVELOP) ## install the wheel with each extra into fresh environments (ARGS="--python 3.12 --extra serve")
	$(BIN)/python -m tools.installs $(ARGS)

test-hub: $(DEVELOP) ## start a JupyterHub as docs/serving.md says; two users open the explorer in a browser
	$(WITH_CHROMIUM) && $(BIN)/python -m tools.hub

test-vm: $(DEVELOP) ## boot a kernel of Debian's in QEMU, capture it, record and verify the library's scenarios (ARGS="--kernel PACKAGE")
	$(BIN)/python -m tools.vm $(ARGS)

test-container: $(DEVELOP) ## follow the Dockerfile in a fresh root, without Docker (needs root and debootstrap)
	$(BIN)/python -m tools.container

site: $(DEVELOP) ## build the static site, which needs no server, into build/site (ARGS="--distribution FOLDER")
	$(BIN)/python -m tools.site $(ARGS)

lint: python browser ## lint and types, of Python and of the browser's half

python: $(DEVELOP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

browser: $(MODULES)
	$(NPM) run --silent lint

js: $(MODULES)
	$(NPM) test --silent

docs: $(DOCUMENTS) ## the documents as a site, into build/docs; a link that leads nowhere stops it
	$(BIN)/python -m tools.manual

dist: $(DEVELOP) $(RELEASE) ## sdist and wheel of a release, into dist, looked at; conda's recipe, too
	rm -rf dist
	$(BIN)/python -m hatchling build --directory dist
	$(BIN)/python -m twine check --strict dist/*
	$(BIN)/python -c "from rattler_build import Stage0Recipe; Stage0Recipe.from_file('conda/recipe.yaml').render()"
	$(PYTEST) -q tests/packaging/test_release.py tests/packaging/test_packaging.py -k 'release or sdist or wheel or description'

bench: $(DEVELOP) ## run every benchmark
	$(WITH_CHROMIUM) && for file in benchmarks/[!_]*.py; do \
	  echo "== $$file" && $(BIN)/python -m "benchmarks.$$(basename "$$file" .py)" || exit; \
	done

screenshots: $(DEVELOP) ## take pictures of the dashboards, into screenshots/
	$(WITH_CHROMIUM) && $(BIN)/python -m tools.screenshots $(ARGS)

clean: ## remove .venv and all that the other targets made
	rm -rf $(VENV) node_modules .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist screenshots benchmarks/results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +

# The pip that came with an older Python takes twice as long to find what fits.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else \
	  "folioviz needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv --upgrade-deps $(VENV)

$(RUNTIME): pyproject.toml | $(BIN)/python
	@echo "Installing folioviz and what it runs on into $(VENV): once, about a minute ..."
	@$(PIP) --editable '.[fast,lab,serve]'
	@touch $@

$(DEVELOP): pyproject.toml | $(BIN)/python
	@echo "Installing folioviz and what tests it into $(VENV): once, about two minutes ..."
	@$(PIP) --no-compile --editable '.[test]'
	@touch $(RUNTIME) $@

$(DOCUMENTS): pyproject.toml | $(BIN)/python
	@$(PIP) --editable '.[docs]'
	@touch $@

$(RELEASE): pyproject.toml | $(BIN)/python
	@$(PIP) --editable '.[release]'
	@touch $@

$(MODULES): package.json package-lock.json | $(BIN)/python
	$(NPM) ci --loglevel=error
	@touch $@
