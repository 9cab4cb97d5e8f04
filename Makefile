# `make demo` and `make test` are all anyone needs.
PYTHON ?= python3
# A second interpreter that the tests run on as well, where the machine has it.
PYTHON_NEWER ?= $(shell tests/parts/python.sh 3.13)
VENV ?= .venv
DEMO_ARGS ?=
TEST_ARGS ?=
INSTALL = -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable

.PHONY: help demo test setup lint collector tools debian soak bench screenshots clean check-python
.DEFAULT_GOAL := help

help:  ## the commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

demo: setup  ## a mesh of nurses on this machine, one of which falls sick (DEMO_ARGS="--duration 30s")
	@$(VENV)/bin/otelnurse demo $(DEMO_ARGS)

setup: $(VENV)/.setup  ## .venv/ with otelnurse in it

test: $(VENV)/.test debian tools collector  ## all the set-up and all the tests
	$(VENV)/bin/python -m pytest $(TEST_ARGS)
ifneq ($(PYTHON_NEWER),)
	@$(MAKE) --no-print-directory .venv-newer/.test VENV=.venv-newer PYTHON=$(PYTHON_NEWER)
	.venv-newer/bin/python -m pytest $(TEST_ARGS)
endif

lint: $(VENV)/.test  ## style, types, layers
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

collector:  ## the slim OpenTelemetry Collector, into .cache/bin (needs Go)
	@collector/build.sh

tools:  ## other real parts that tests need, into .cache/bin (needs Go)
	@tests/parts/build.sh coredns

debian:
	@tests/parts/debian.sh nginx-light nginx
	@tests/parts/debian.sh curl curl
	@tests/parts/debian.sh tmux tmux
	@tests/parts/debian.sh chromium chromium
# Only root can run the tests in tests/lab, and others need not have what they need.
ifeq ($(shell id -u),0)
	@tests/parts/debian.sh iproute2 ip
	@tests/parts/debian.sh iptables iptables
endif

soak: $(VENV)/.test collector  ## ten minutes of faults at a 0.1 s interval: memory, descriptors, counts
	$(VENV)/bin/python -m tests.bench.soak $(SOAK_ARGS)

bench: $(VENV)/.test collector .cache/bench-venv/.setup  ## what a nurse costs: CPU, memory, fever (BENCH_ARGS=--write-docs)
	$(VENV)/bin/python -m tests.bench --python .cache/bench-venv/bin/python $(BENCH_ARGS)

screenshots: $(VENV)/.test debian  ## the pictures in docs/img, taken of a running demo
	$(VENV)/bin/python -m tests.screenshots

clean:  ## what was installed and built here
	rm -rf .venv .venv-newer .cache

check-python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else f"otelnurse needs Python 3.11 or later, and $(PYTHON) is {sys.version.split()[0]}: make PYTHON=/path/to/another")'

$(VENV)/.setup: pyproject.toml constraints.txt | check-python
	@echo "installing into $(VENV)/ (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python $(INSTALL) '.[demo]'
	@touch $@
	@echo "ready: $(VENV)/bin/otelnurse"

$(VENV)/.test: $(VENV)/.setup
	@$(VENV)/bin/python $(INSTALL) '.[demo,dev]'
	@touch $@

# What an image holds, and no more: some libraries load what they find beside them (httpx its command line).
.cache/bench-venv/.setup: pyproject.toml constraints.txt | check-python
	@$(PYTHON) -m venv .cache/bench-venv
	@.cache/bench-venv/bin/python $(INSTALL) .
	@touch $@
