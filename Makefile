# Everything one does with a checkout. Needs python3.11 or newer, make and, for `make test`, whatever .ci/packages can get.

VENV ?= .venv
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PIP = $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes
UV ?= uv
LOCK = $(UV) pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --python-version 3.11

.PHONY: help demo run test bench lint format messages docs opinion lock clean

help: ## List these targets.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: $(VENV)/.run ## Show everything on an invented mailbox, in the browser.
	$(VENV)/bin/inboxcrm demo

run: $(VENV)/.run ## Watch the mailboxes that `inboxcrm init` has set up.
	$(VENV)/bin/inboxcrm run

test: lint ## Check everything: style, types, imports, tests.
	.ci/packages dovecot-imapd postgresql chromium fonts-noto-cjk libatomic1 # the last for playwright
	$(VENV)/bin/python -m compileall -q inboxcrm # once, not in each process that the tests start
	$(VENV)/bin/pytest -n 3 --dist loadgroup --no-loadscope-reorder $(ARGS)

lint: $(VENV)/.dev ## Check style, types and the order of imports.
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache

format: $(VENV)/.dev ## Bring the code into its format.
	$(VENV)/bin/ruff format
	$(VENV)/bin/ruff check --fix

bench: $(VENV)/.dev ## Measure against mbsync, notmuch and bare libraries.
	.ci/packages dovecot-imapd isync notmuch
	$(VENV)/bin/python -m bench $(ARGS)

messages: $(VENV)/.dev ## Bring the catalogues of translations up to date with the code.
	$(VENV)/bin/python -m tests.messages

docs: $(VENV)/.dev ## Bring the reference pages up to date with the code.
	$(VENV)/bin/python -m tests.reference

opinion: $(VENV)/.dev ## Train the second opinion on signals anew, from the labelled mails and the rule files.
	$(PIP) -r requirements-training.lock
	$(VENV)/bin/python -m tests.signals.training

lock: ## Pin the newest compatible release of every dependency; needs uv.
	$(LOCK) --upgrade --extra postgresql --group dev pyproject.toml -o requirements-dev.lock
	$(LOCK) --extra postgresql --constraint requirements-dev.lock pyproject.toml -o requirements.lock
	$(LOCK) --group training --constraint requirements-dev.lock -o requirements-training.lock
	$(LOCK) --group build --constraint requirements-dev.lock -o requirements-build.lock

clean: ## Remove what these targets have made.
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find inboxcrm tests bench -name __pycache__ -prune -exec rm -rf {} +

# Stamps: each names a step that is done, so that a second call does nothing.

$(VENV)/.made:
	@echo "Setting up $(VENV), once; this takes a minute or two."
	@.ci/venv "$(PYTHON)" $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.made requirements.lock requirements-build.lock pyproject.toml
	@$(PIP) -r requirements.lock -r requirements-build.lock
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --no-index --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@$(PIP) -r requirements-dev.lock
	@touch $@
