PYTHON ?= python3
PY := .venv/bin/python
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help reproduce paper related published data audit test test-paper lint bench bench-full gpu clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

reproduce: .venv/installed  ## install, run every experiment at budget=quick, print the claims, write the report
	@$(PY) run.py $(ARGS)

paper: .venv/installed  ## the same at budget=paper (hours)
	@$(PY) run.py budget=paper $(ARGS)

related: .venv/installed  ## neighbouring theory: nine more experiments (BUDGET=smoke, quick or paper)
	@$(PY) run.py experiment=related budget=$(or $(BUDGET),quick) $(ARGS)

published: .venv/installed  ## publish the finished runs of budget=paper: tables, images, levels to figures/published
	@$(PY) run.py publish=paper $(ARGS) && $(PY) run.py levels=paper $(ARGS) && $(PY) -m figures.report.tables

data: .venv/installed  ## fetch all of MNIST into data/ (UTILITY_DATA=... elsewhere)
	@$(PY) -m experiments.datasets.fetch $(ARGS)

quoted = '$(subst ','\'',$(value $(1)))'
audit: .venv/installed  ## judge your own table: make audit REAL=real.csv SYNTHETIC=synthetic.csv TARGET=column; without: an example
	@$(PY) -m experiments.audit $(if $(REAL)$(SYNTHETIC)$(TARGET),$(call quoted,REAL) $(call quoted,SYNTHETIC) --target $(call quoted,TARGET),--example) $(ARGS)

test: .venv/installed  ## install, run the test suite
	@$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

test-paper: .venv/installed  ## the slow, paper-sized checks
	@$(PY) -m pytest -m paper $(ARGS) && $(PY) -m pytest -n 2 --hypothesis-profile=thorough tests/theory

lint: .venv/installed  ## ruff and mypy
	@$(PY) -m ruff check . && $(PY) -m mypy

bench: .venv/installed  ## measure speed side by side, write outputs/bench.json
	@$(PY) -m tests.bench $(ARGS)

bench-full: .venv/installed  ## the long ones: cost growth, peers; write outputs/bench-full.json
	@$(PY) -m tests.bench --full $(ARGS)

gpu: .venv/installed  ## on a machine with CUDA and after make data: CPU against GPU, images with 60,000 rows
	@$(PY) -m tests.bench.gpu $(ARGS)

clean:  ## remove outputs, keep .venv
	rm -rf outputs
