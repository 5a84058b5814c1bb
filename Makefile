# Every target sets up what it needs: Python 3.11 or newer and make are enough.
# The environment follows requirements.lock: names, versions and hashes for all supported Pythons and platforms.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help gifs site check claims containers example test test-looks test-processes test-wheel test-lowest test-versions test-notebook test-browser \
	test-integrations lint format bench lock clean

help: ## show this
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

gifs: $(READY) ## draw every animation anew into public/ (ONLY='neural-*' for some, JOBS=2)
	$(BIN)/render all --force $(if $(ONLY),--only '$(ONLY)') $(if $(JOBS),--jobs $(JOBS))

site: $(READY) ## build the site into out/site/ (URL=https://... for share images, CONTAINERS=1 for WebP, APNG, MP4, WebM)
	$(BIN)/render site $(if $(URL),--url '$(URL)') $(if $(CONTAINERS),--containers) $(if $(JOBS),--jobs $(JOBS))

check: $(READY) ## check every target on its own number of seeds (SEEDS=4 for fewer)
	$(BIN)/render check --seeds $(or $(SEEDS),own)

claims: $(READY) ## check every claim of the posts on all its seeds: public/claims.json and docs/ledger.md
	$(BIN)/render claims --refresh

containers: $(READY) ## draw every animation in every container, and put their sizes into docs/containers.md
	for container in webp apng mp4 webm; do $(BIN)/render all --container $$container --out out/containers || exit; done
	$(BIN)/python -m render.ledger.containers out/containers

example: $(READY) ## train the network of docs/audit.md and draw its audit into public/audit/
	$(BIN)/python -m tests.audit_example

test: $(READY) ## run the tests, on every core
	$(BIN)/pytest --numprocesses auto --dist worksteal

test-looks: $(READY) ## test every picture as it is drawn
	$(BIN)/pytest --numprocesses auto --dist loadgroup tests/looks/*.py

test-processes: $(READY) ## test runs that are ended or killed, servers that break off, a Dask cluster that loses its workers
	$(BIN)/pytest tests/endings.py tests/render/audit/files/remote.py tests/cluster.py

test-wheel: $(READY) ## test what is installed from a wheel
	$(BIN)/pytest tests/wheel.py

test-lowest: $(READY) ## install the wheel with the lowest versions that pyproject.toml allows, and draw
	UV_RESOLUTION=lowest-direct $(BIN)/pytest tests/wheel.py -k tool

# Old packages warn of what is to come in others that are newer: with them such a warning is no failure.
LOWEST := --resolution lowest-direct
test-versions: $(READY) ## run the tests with the newest versions, not the lock's (VERSIONS=lowest: the lowest that are allowed)
	$(PYTHON) -m venv --clear .venv-versions
	$(BIN)/uv pip install --quiet --python .venv-versions $(if $(VERSIONS),$(LOWEST)) -r pyproject.toml --extra dev
	$(BIN)/uv pip install --quiet --python .venv-versions --no-deps --editable .
	.venv-versions/bin/pytest --numprocesses auto --dist worksteal $(if $(VERSIONS),-W ignore::DeprecationWarning)

test-notebook: $(READY) ## test what a notebook shows, on a real kernel
	$(BIN)/pytest tests/notebook.py

test-browser: $(READY) ## test the site in Chromium, which the system's packages have (CHROMIUM=path if it has another name)
	$(BIN)/pip install --quiet --disable-pip-version-check 'playwright>=1.50' 'axe-playwright-python>=0.1.4'
	CHROMIUM=$(CHROMIUM) $(BIN)/pytest tests/browser.py

# In an environment of its own, as PyTorch is large: TORCH names a build of it, where the newest is not the one to take.
test-integrations: ## test callbacks, hooks and readers with PyTorch, Lightning, transformers and Keras
	$(PYTHON) -m venv .venv-integrations
	.venv-integrations/bin/pip install --quiet --disable-pip-version-check $(or $(TORCH),torch) lightning transformers accelerate keras
	.venv-integrations/bin/pip install --quiet --disable-pip-version-check $(or $(TORCH),torch) --editable '.[torch,hdf5]' pytest hypothesis
	KERAS_BACKEND=jax OMP_NUM_THREADS=1 .venv-integrations/bin/pytest tests/render/integrations tests/render/audit/files
	KERAS_BACKEND=torch OMP_NUM_THREADS=1 .venv-integrations/bin/pytest tests/render/integrations -k keras

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
	rm -rf .venv .venv-integrations .venv-versions out build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml render/packaged.py render/terminal/render
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
