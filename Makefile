# Everything happens in .venv/, var/, output/ and airflow/. A fresh machine needs git, make and Python 3.11 or later.
PYTHON ?= python3
PORT ?= 8080
UV := uv==0.13.9
BIN := .venv/bin
INSTALLED := .venv/.installed

# Set where images are to be small, it has each process compile anew whatever it imports: twice the time of most that starts here.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
MINUTES ?= 10
.PHONY: help install demo test test-all soak bench cluster-check docs lint types up down lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(INSTALLED) ## set up .venv from the lock (done by the others when needed)

$(INSTALLED): requirements.txt requirements.in pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(UV)
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: install ## four sample stores, one night, its reports and the article 30 register
	$(BIN)/retention demo

test: install ## the tests; on two cores less than twenty minutes
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --durations 40

test-all: install ## every test, those too that say the same once more on another database
	RETENTION_TEST_ALL=1 $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

soak: install ## faults in stores at work, killed again and again with new seeds (MINUTES=10), then the cluster's check
	RETENTION_SOAK_MINUTES=$(MINUTES) $(BIN)/python -m pytest tests/faults --capture=no
	$(BIN)/python -m cluster.check

bench: install ## how fast, as ratios, side by side; writes docs/benchmarks.md (half an hour or more; BENCH=--quick to try)
	$(BIN)/python -m benchmarks $(BENCH)

cluster-check: install ## production's parts on this machine, a worker killed in mid-night (CHECK=--ratio: two workers against one)
	$(BIN)/python -m cluster.check $(CHECK)

docs: install ## the documentation, into site/: open site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

lint: install ## style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install ## static types
	$(BIN)/mypy

up: install ## Airflow on the same data: http://localhost:8080 (PORT=8090 for another port)
	@PORT=$(PORT) include/airflow.sh up

down: ## stop Airflow
	@PORT=$(PORT) include/airflow.sh down

lock: install ## bring requirements.txt in line with requirements*.in (UPGRADE=--upgrade for newer versions)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" \
	  $(UPGRADE) --output-file requirements.txt requirements.in requirements-dev.in

clean: down ## remove what was installed and cached; stores, evidence and reports (var/, output/) stay
	rm -rf .venv airflow site .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
