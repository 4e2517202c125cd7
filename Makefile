# The first target lists the others.
.DEFAULT_GOAL := help
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --frozen --quiet
export UV_PYTHON_DOWNLOADS := never
# Programs are started by the hundred: what Python compiles of them is kept, also where it is told to keep nothing.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## what can be done here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.tools/bin/uv:
	python3 -m venv .tools
	.tools/bin/pip install --quiet uv

.PHONY: ready
ready: $(if $(shell command -v uv 2>/dev/null),,.tools/bin/uv)
	@$(UV) sync --frozen --quiet

.PHONY: demo
demo: ready ## make a marketplace, live fourteen months of it, close each, print what happened
	@AOR_TIME_TRAVEL=1 $(RUN) aor demo --no-serve

.PHONY: serve
serve: ready ## open the portal on the demonstration's data, at http://127.0.0.1:8000/
	@AOR_DEMO=1 AOR_TIME_TRAVEL=1 $(RUN) aor serve

.PHONY: test
test: ready ## everything that can be tested here, on SQLite and on PostgreSQL
	@scripts/test

.PHONY: torture
torture: ready ## 500 kills and 500,000 operations of the model check on each database: hours; goes on where it stopped
	@$(RUN) python -m tests.torture $(TORTURE)

.PHONY: bench
bench: ready ## each main job beside its floor, on both databases; writes docs/benchmarks.md
	@$(RUN) python -m benchmarks $(BENCH)

.PHONY: bench-matching
bench-matching: ready ## matching on spoilt rows, beside exact match, difflib and splink; its section of the same page
	@$(RUN) --group bench python -m benchmarks.matching $(BENCH)

.PHONY: bench-desk
bench-desk: ready ## the broker team's pages one by one, on both databases; their section of the same page
	@$(RUN) python -m benchmarks.desk $(BENCH)

.PHONY: bench-disagreements
bench-disagreements: ready ## returned workbooks and transfers, on both databases; their section of the same page
	@$(RUN) python -m benchmarks.disagreements $(BENCH)

.PHONY: bench-upgrade
bench-upgrade: ready ## an upgrade step by step, on both databases; its section of the same page
	@$(RUN) python -m benchmarks.upgrade $(BENCH)

.PHONY: bench-portal
bench-portal: ready ## the portal and the API under load, on both databases; their section of the same page
	@$(RUN) python -m benchmarks.portal $(BENCH)

.PHONY: check
check: ready ## style, types, layers, lock
	@scripts/check

.PHONY: format
format: ready ## put the code in its form
	@$(RUN) ruff check --fix-only --quiet src tests && $(RUN) ruff format src tests
