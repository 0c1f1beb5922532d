# One word per task. `make run` and `make test` set up everything they need; doing either again is quick.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Where this is set, every process compiles the libraries anew: some ten seconds for each of hundreds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test quick lab lint messages lock clean help

help:  ## list the tasks
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST)

run: $(READY)  ## execute the six workbooks of the seven partner regions into outputs/
	$(BIN)/eis run

test: $(READY)  ## run every test
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

quick: $(READY)  ## run the tests that take no kernel, browser or cluster, and not long
	$(BIN)/python -m pytest --quiet --numprocesses 2 --dist loadfile --no-loadscope-reorder --ignore-glob="*.ipynb" \
		--hypothesis-profile=quick -m "not kernel and not cluster and not browser and not slow"

lab: $(READY)  ## open JupyterLab on the first workbook
	$(BIN)/eis lab

lint: $(READY)  ## check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

messages: $(READY)  ## collect the messages of all sources into the catalogues of the languages
	$(BIN)/python -m eis_lib.develop.messages

lock: $(READY)  ## pin every dependency anew, for pip and for conda
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--all-extras --group dev pyproject.toml --output-file requirements.lock
	sed '/^  - pip:/q' environment.yml > environment.yml.new
	sed -n 's/^\([A-Za-z0-9._-]*==.*[^ ]\) *\\$$/    - \1/p' requirements.lock >> environment.yml.new
	echo '    - -e .' >> environment.yml.new
	mv environment.yml.new environment.yml

clean:  ## remove what was set up (not the outputs)
	rm -rf $(VENV)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "EIS Workbooks need Python 3.11 or later; this is " + sys.version.split()[0] + ". Say which to use: make PYTHON=python3.12 run")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirements requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $(READY)
