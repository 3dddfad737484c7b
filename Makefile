# Every target sets up what it needs on a machine that has only Python 3.11 and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# uv when the machine has it; else it is installed into the virtual environment.
UV     := $(or $(shell command -v uv),$(BIN)/uv)

# Certificates of the machine, which an office's proxy may need; the second name is of older uv.
export UV_SYSTEM_CERTS := 1
export UV_NATIVE_TLS := 1
# Containers often forbid to keep compiled modules; each of the many processes would then compile all.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test run lint lock bench clean

demo: $(READY)
	$(BIN)/giaoban demo

test: $(READY)
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

run: config.toml
	$(BIN)/giaoban migrate
	$(BIN)/giaoban run

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m benchmarks.dialogue_steps
	$(BIN)/python -m benchmarks.fan_out
	$(BIN)/python -m benchmarks.understanding

lock: $(READY)
	$(UV) pip compile pyproject.toml --group dev --python-version 3.11 --universal \
	  --generate-hashes --no-annotate --no-emit-index-url --no-header --quiet --output-file requirements.lock

config.toml: | $(READY)
	$(BIN)/giaoban init --profile vinh-phuc
	$(BIN)/giaoban units import bot/examples/vinh-phuc-2020-units.csv --invites ma-moi.csv

$(READY): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	test -x "$(UV)" || $(BIN)/python -m pip install --quiet uv
	VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes -r requirements.lock
	VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation -e .
	touch $(READY)

clean:
	rm -rf $(VENV) var .mypy_cache .pytest_cache .ruff_cache .hypothesis
