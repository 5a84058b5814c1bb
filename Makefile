# Every target sets up what it needs: Python 3.11 or newer and make are enough.
# The environment follows requirements.lock: names, versions and hashes for all supported Pythons and platforms.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help gifs check claims example test test-looks test-wheel test-notebook lint format bench lock clean

help: ## show this
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

gifs: $(READY) ## draw every animation anew into public/ (ONLY='neural-*' for some, JOBS=2)
	$(BIN)/render all --force $(if $(ONLY),--only '$(ONLY)') $(if $(JOBS),--jobs $(JOBS))

check: $(READY) ## check every target on its own number of seeds (SEEDS=4 for fewer)
	$(BIN)/render check --seeds $(or $(SEEDS),own)

claims: $(READY) ## check every claim of the posts on all its seeds: public/claims.json and the README's table
	$(BIN)/render claims --refresh

example: $(READY) ## train the README's network and draw its audit into public/audit/
	$(BIN)/python -m tests.audit_example

test: $(READY) ## run the tests, on every core
	$(BIN)/pytest --numprocesses auto --dist worksteal

test-looks: $(READY) ## test every picture as it is drawn
	$(BIN)/pytest --numprocesses auto --dist loadgroup tests/looks/*.py

test-wheel: $(READY) ## test what is installed from a wheel
	$(BIN)/pytest tests/wheel.py

test-notebook: $(READY) ## test what a notebook shows, on a real kernel
	$(BIN)/pytest tests/notebook.py

lint: $(READY) ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY) ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## time drawing and encoding against what people do today
	$(BIN)/python -m tests.bench

lock: $(READY) ## take the newest versions that pyproject.toml allows into requirements.lock
	$(BIN)/uv pip compile pyproject.toml --upgrade --universal --python-version 3.11 --extra dev \
		--generate-hashes --no-annotate --no-header --quiet --output-file requirements.lock

clean: ## remove the environment, caches and experiments; public/ stays
	rm -rf .venv out build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
