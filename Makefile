# Needs make and Python 3.11 or later, nothing else: the environment .venv is made on first use.
# Another Python:  make test PYTHON=python3.13   (makes .venv anew)
PYTHON ?=
VENV ?= .venv
BENCH ?=
BIN := $(VENV)/bin

# What another environment's owner set must not reach this one.
unexport PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX

.PHONY: help run test test-all lint bench scorecard golden notebook notebooks install pins build clean

help:
	@echo "make run        answer the question as of the day on which the record ends"
	@echo "make test       every check, and every test but the long ones: minutes"
	@echo "make test-all   every check and test: before a release"
	@echo "make lint       the checks alone: style, types, direction of imports"
	@echo "make bench      how fast it is, as a table of ratios; BENCH='learning --against PATH' says what"
	@echo "make scorecard  score forecasts from 2016 on against the record and rivals; an hour or more"
	@echo "make golden     renew the golden numbers, on purpose; then say so in CHANGELOG.md"
	@echo "make notebook   open the notebooks in a browser"
	@echo "make notebooks  run the notebooks and store what their cells show"
	@echo "make build      the source archive and the wheel, in dist/"
	@echo "make pins       pin the dependencies again"
	@echo "make clean      remove .venv, caches and builds; results stay"

run: install
	@$(BIN)/serbia-sim run today --workers 2

# All are run even when an early one fails; pytest comes last, so that its closing line is the end. Its processes
# share what they make, and take work from one another: tests/conftest.py.
test: SELECTED := -m "not long"
test test-all: install
	@status=0; \
	$(MAKE) --no-print-directory lint || { echo "make lint failed, see above" >&2; status=1; }; \
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal $(SELECTED) || status=1; \
	exit $$status

lint: install
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: install
	@$(BIN)/python benchmarks/bench.py $(BENCH)

scorecard: install
	$(BIN)/serbia-sim hindcast --particles 2048 --members 2048
	$(BIN)/serbia-sim hindcast --particles 2048 --members 2048 --seed 2 --output results/scorecard/seed-2

golden: install
	$(BIN)/python tests/test_golden.py
	$(BIN)/python docs/prior_predictive.py
	$(BIN)/python docs/effects.py

# JupyterLab is not pinned: nothing but this target needs it, and any recent one will do.
notebook: install
	$(BIN)/python -m pip install --quiet jupyterlab
	$(BIN)/jupyter lab notebooks/01-the-question.ipynb

notebooks: install
	$(BIN)/python notebooks/renew.py

install:
	@sh requirements/install.sh "$(VENV)" "$(PYTHON)"

build: install
	$(BIN)/python -m build --no-isolation

# One file for every supported Python, by environment markers. Pins that still fit are kept; to renew
# them all, delete the file first.
pins: install
	$(BIN)/python -m venv .venv-pins
	.venv-pins/bin/python -m pip install --quiet uv
	.venv-pins/bin/uv pip compile --quiet --universal --python-version 3.11 --extra dev --extra notebook --extra parquet \
	    --extra sensitivity --custom-compile-command "make pins" --output-file requirements/pins.txt pyproject.toml

clean:
	rm -rf "$(VENV)" .venv-pins build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
