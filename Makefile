# `make` lists the targets. `make up` and `make test` need Python 3.11 with pip, and reach of the package registry.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := .tools/bin/uv
export PYTHON
export UV_PYTHON_DOWNLOADS := never
ENVIRONMENTS := .venv/.installed .venv-superset/.installed
RUN := .venv/bin/python
PYTEST := .venv/bin/pytest
# In the order of their names: the longest files have the fewest tests, and would otherwise come last.
IN_PARALLEL := -n auto --dist loadfile --no-loadscope-reorder

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- the platform -------------------------------------------------------------------------------------

.PHONY: up down status reset
up: $(ENVIRONMENTS) ## start everything, take in the samples, show the gaps and the addresses
	@$(RUN) -m national_kpi.stack up
down: .venv/.installed ## stop what `make up` started
	@$(RUN) -m national_kpi.stack down
status: .venv/.installed ## say what runs and how it is
	@$(RUN) -m national_kpi.stack status
reset: .venv/.installed ## stop, and forget everything under var/
	@$(RUN) -m national_kpi.stack reset

# --- environments -------------------------------------------------------------------------------------
# Each is installed from its lock, hash by hash, and again only when the lock changes.

define NO_INSTALL
{ echo; \
  echo "make: installing from $< failed: see the message above."; \
  echo "      Without a network, or behind a proxy or mirror, tell pip (pip config) and uv (UV_DEFAULT_INDEX) of it."; \
  exit 1; } >&2
endef

$(UV): requirements/bootstrap.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	  echo "make: Python 3.11 is needed, found '$(PYTHON)': install it, or run 'make PYTHON=/path/to/python3.11'" >&2; \
	  exit 1; }
	@echo "Installing uv …"
	@docker/install-environment uv || $(NO_INSTALL)
	@touch $@

.venv/.installed: requirements/platform.txt pyproject.toml | $(UV)
	@echo "Installing the platform's environment into .venv …"
	@docker/install-environment platform || $(NO_INSTALL)
	@touch $@

.venv-superset/.installed: requirements/superset.txt | $(UV)
	@echo "Installing Superset's environment into .venv-superset …"
	@docker/install-environment superset || $(NO_INSTALL)
	@touch $@

.venv-spark/.installed: requirements/spark.txt | $(UV)
	@echo "Installing Spark's environment into .venv-spark …"
	@docker/install-environment spark || $(NO_INSTALL)
	@touch $@

.PHONY: lock
lock: $(UV) ## compile requirements/*.in into hashed locks
	@for name in bootstrap platform superset spark; do \
	  $(UV) pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 \
	    requirements/$$name.in -o requirements/$$name.txt; \
	done

# --- checks -------------------------------------------------------------------------------------------
# Each suite has a budget, in minutes on two cores: 40 for all of them. What takes half as long again has hung.
within = timeout $$(($(1) * 90))

.PHONY: test lint types sql audit unit contracts integration e2e deployment spark
test: $(ENVIRONMENTS) ## all checks, from lint to the browser (installs system packages where it may)
	@left_out=$$(.ci/system-packages); \
	$(MAKE) lint types sql audit; \
	$(MAKE) unit contracts integration e2e deployment spark LEFT_OUT="$$left_out"
lint: .venv/.installed ## ruff: style and format
	.venv/bin/ruff check
	.venv/bin/ruff format --check
types: .venv/.installed ## mypy, strict
	.venv/bin/mypy
sql: .venv/.installed ## sqlfluff on the dbt models
	.venv/bin/python -m national_kpi.warehouse.lint
audit: .venv/.installed ## pip-audit on the locks, where its data can be reached
	@.ci/audit
unit: .venv/.installed ## unit tests
	$(call within,3) $(PYTEST) -q $(IN_PARALLEL) $(LEFT_OUT) tests/unit
contracts: $(ENVIRONMENTS) ## drift tests: what is declared in two places agrees
	$(call within,1) $(PYTEST) -q $(IN_PARALLEL) $(LEFT_OUT) tests/contracts
integration: $(ENVIRONMENTS) ## dbt, ledger, Superset and Airflow's parts, for real
	$(call within,20) $(PYTEST) -q $(IN_PARALLEL) $(LEFT_OUT) tests/integration
e2e: $(ENVIRONMENTS) ## the running platform, through the drop folder and a browser
	$(call within,7) $(PYTEST) -q $(LEFT_OUT) tests/e2e
deployment: $(ENVIRONMENTS) ## docker-compose.yml without a container engine: a round over SFTP, servers killed meanwhile
	$(call within,4) $(PYTEST) -q $(LEFT_OUT) tests/deployment
ifeq (,$(findstring needs_java,$(LEFT_OUT)))
spark: $(ENVIRONMENTS) .venv-spark/.installed ## a Spark cluster builds the same marts, row for row
	$(call within,5) $(PYTEST) -q tests/spark
else
spark:
	@echo "Left out: without Java no Spark cluster starts." >&2
endif

.PHONY: proof
proof: $(ENVIRONMENTS) .venv-spark/.installed ## what the tests prove by a sample, whole: every kill, damaged files by the thousand
	@.ci/system-packages >/dev/null
	timeout 4h $(PYTEST) -q -rP --whole -m proof tests

.PHONY: bench
bench: $(ENVIRONMENTS) .venv-spark/.installed ## benchmarks, on a platform of their own
	@for bench in $$(grep -l __main__ bench/*.py bench/*/*.py); do echo "== $$bench"; $(RUN) $$bench; done

.PHONY: docs
docs: .venv/.installed ## the list of rules, and the data dictionary from the models' own descriptions
	@$(RUN) -m national_kpi.intake.reference
	@$(RUN) -m national_kpi.warehouse.dictionary
	@$(RUN) -m national_kpi.warehouse.docs

.PHONY: screenshots
screenshots: $(ENVIRONMENTS) ## photograph the dashboards for docs/ (needs Chromium)
	@$(RUN) docs/screenshots.py

.PHONY: clean
clean: ## delete the environments and caches; what the platform received stays
	@rm -rf .tools .venv .venv-superset .venv-spark .mypy_cache .ruff_cache .pytest_cache .hypothesis dbt_project/target dbt_project/logs
