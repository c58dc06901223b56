# The words a developer types. `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# What Hypothesis generates: `make test` looks at a few examples, `make soak` at a thousand of each.
SEARCHES := tests/bad_inputs/test_*fuzz.py tests/bad_inputs/test_schemathesis.py \
	tests/contract/test_schemas_equal_types.py tests/unit/cli/schema/test_verdicts_hold.py \
	tests/unit/functions/test_codec_secrecy.py tests/unit/functions/test_hot_skus.py

# Without bytecode every process compiles moto and the CDK again: a quarter of the tests' time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo up test lint types unit contracts asyncapi-parser catalogue diagram screenshot docs frozen
.PHONY: synth localstripe neighbours suite assembly beside deploy-check deploy-check-localemu bench bench-cpu bench-peers budget soak restore-rehearsal pairs
.PHONY: lambda-runtime lock format sbom
.PHONY: clean calendar

help: ## list the words
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## build the environment in .venv

$(STAMP): requirements/uv.txt requirements/dev.txt pyproject.toml packages/pocketcloud/pyproject.toml packages/orderbus-client/pyproject.toml package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit("orderbus needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	@scripts/install $(BIN)/python requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable packages/pocketcloud --editable packages/orderbus-client --editable .
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --silent --no-audit --no-fund
	@touch $@

demo: setup ## carry orders from checkout to shipment, offline, and show what happened
	@$(BIN)/orderbus demo $(ARGS)

up: setup ## serve the offline cloud on 127.0.0.1
	@$(BIN)/orderbus up $(ARGS)

test: setup ## everything that must be green
	@$(MAKE) --no-print-directory --jobs 2 suite beside

suite: assembly localstripe
	$(PYTEST) $(ARGS)

# Validated by tests: dev with every setting by the CDK, and prod, whose properties dev has, by cfn-lint.
assembly: setup
	CDK_VALIDATION=false $(BIN)/python app.py

# Beside the tests, so that no core is idle: lint, mypy, then Lambda's Python, whose output comes at its end.
beside: lint types
	@mkdir -p build; scripts/lambda-runtime > build/lambda-runtime.log 2>&1; code=$$?; \
	cat build/lambda-runtime.log; exit $$code

lint: setup ## style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## mypy, strict
	$(BIN)/mypy
	$(BIN)/mypy --config-file examples/booking/mypy.ini

unit: assembly localstripe ## the tests
	$(PYTEST) $(ARGS)

calendar: setup synth ## the fast tests on other dates and in other time zones: make calendar ARGS=leap-day
	$(BIN)/python -m tests.calendar $(ARGS)

contracts: setup ## write schemas/ (JSON Schemas, examples, OpenAPI, AsyncAPI, readers) and the client's events
	$(BIN)/python -m contract_files
	$(BIN)/python -m asyncapi
	$(BIN)/python -m client_package

asyncapi-parser: setup ## check the AsyncAPI document with AsyncAPI's own parser, which is installed for it (60 MB)
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/asyncapi-parser

diagram: setup ## draw who publishes and consumes each event, to docs/flow.svg
	$(BIN)/python -m infrastructure.flow_diagram

screenshot: setup synth ## draw the output of the demo, to docs/demo.svg
	$(BIN)/python -m tests.docs.screenshot

catalogue: setup ## write the event catalogue, a static site, to build/catalogue
	$(BIN)/python -m catalogue

docs: diagram screenshot catalogue ## write the generated tables and pictures of the docs
	$(BIN)/python -m tests.docs.generated

frozen: setup ## write the logical ids of new queues and tables to the file of frozen ones
	$(BIN)/python -m tests.infrastructure.topology.frozen

synth: setup ## write the CloudFormation templates to cdk.out
	$(BIN)/python app.py

localstripe: setup ## build the environment of the server that stands in for Stripe, where it can be had
	@scripts/localstripe

neighbours: setup synth ## the bridges to other brokers against every broker that is here, or can be had
	@scripts/neighbours
	$(BIN)/python -m tests.neighbours $(ARGS)

deploy-check: setup ## deploy with the real CDK command line to an independent endpoint, and order from it
	$(BIN)/python -m deploy_check
	$(BIN)/python -m deploy_check --iam
	$(BIN)/python -m deploy_check --manual

deploy-check-localemu: setup ## deploy production without functions to a second independent endpoint (Linux)
	$(BIN)/python -m deploy_check --localemu

soak: setup synth ## the simulation for long, on all cores: make soak SEEDS=10000 FIRST=0
	PYTHONHASHSEED=0 $(BIN)/python -m tests.simulation.soak --seeds $(or $(SEEDS),10000) --first $(or $(FIRST),0)
	EXAMPLES=1000 $(PYTEST) --timeout 0 $(SEARCHES)

restore-rehearsal: setup synth ## tables lost and restored in the middle of runs: make restore-rehearsal SEEDS=100 FIRST=0
	PYTHONHASHSEED=0 $(BIN)/python -m tests.simulation.restore_rehearsal --seeds $(or $(SEEDS),100) --first $(or $(FIRST),0)

pairs: setup synth ## every pair of crashes on every way an order can go, on all cores
	PYTHONHASHSEED=0 $(BIN)/python -m tests.simulation.pairs

bench: setup ## the requests and units of every path of an order, and the speed of the offline cloud
	$(BIN)/python -m benchmarks.budget --show
	$(BIN)/python -m benchmarks.speed $(ARGS)

bench-cpu: setup synth ## the instructions of cold and of warm functions, counted by valgrind
	@command -v valgrind > /dev/null || { echo "Install valgrind, which counts the instructions."; exit 1; }
	@scripts/lambda-venv
	$(BIN)/python -m benchmarks.cold_start
	$(BIN)/python -m benchmarks.warm

bench-peers: setup synth ## the offline cloud beside MiniStack, with the same templates and orders
	$(BIN)/python -m benchmarks.peers $(ARGS)

budget: setup synth ## write what every path of an order may use, and the tables of the docs about cost
	$(BIN)/python -m benchmarks.budget
	$(BIN)/python -m tests.docs.generated

lambda-runtime: setup ## run what goes into Lambda under Python 3.13 too, where it is found
	@scripts/lambda-runtime

format: setup ## rewrite the code in its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

sbom: setup ## write the layer's packages with their hashes, in CycloneDX, to build/sbom.json
	$(BIN)/python -m infrastructure.packaging.bill_of_materials

lock: setup ## resolve requirements/*.in again
	@scripts/lock $(ARGS)

clean: ## remove everything that was built
	rm -rf $(VENV) .venv-3.13 .venv-endpoint .venv-localemu .venv-localstripe .venv-neighbours build cdk.out node_modules *.egg-info dist
