# Everything a newcomer needs: `make demo` shows the main job, `make test` proves it.
PYTHON ?= python3
BIN = .venv/bin

.DEFAULT_GOAL = help
.PHONY: help demo up test proof lint check translations screenshots bench lock clean
export DO_NOT_TRACK = 1
export PREFECT_SERVER_ANALYTICS_ENABLED = false

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# requirements.lock holds everything with its hashes, so pip has nothing to resolve (--no-deps) and refuses what does not match.
.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Ripeline needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] + ": say make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	$(BIN)/python -m compileall -q .venv/lib >/dev/null || true
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

demo: .venv/installed ## made-up leads go the whole way in ten virtual days, and a report tells
	@$(BIN)/ripeline demo

up: .venv/installed ## the standing system in the foreground: Prefect, worker, mail sink, web pages
	@$(BIN)/ripeline up

test: .venv/installed-dev ## the whole suite, offline, on SQLite and PostgreSQL
	$(BIN)/python -m pytest -n logical --maxprocesses 4

proof: .venv/installed-dev ## the laws alone, each on 25 times as many examples, drawn anew in each run
	$(BIN)/python -m pytest -n logical --maxprocesses 4 -m hypothesis --hypothesis-profile=proof -o faulthandler_timeout=0

lint: .venv/installed-dev ## ruff and mypy, strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: .venv/installed ## read the playbook and name every mistake
	@$(BIN)/ripeline check

translations: .venv/installed ## extract texts, update the catalogues, report coverage
	@$(BIN)/ripeline translations

screenshots: .venv/installed-dev ## pictures of every letter, phone and desktop, light and dark; tells what does not fit
	@$(BIN)/python -m screenshots

bench: .venv/installed-dev ## speed as ratios against a named referee; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks

lock: ## renew the lock files (needs uv)
	uv pip compile pyproject.toml --group build --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -o requirements.lock
	uv pip compile pyproject.toml --group build --group dev --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -c requirements.lock -o requirements-dev.lock

clean: ## remove what the commands above made
	rm -rf .venv demo var .pytest_cache .mypy_cache .ruff_cache .hypothesis
