# Commands for developers. `just` lists them; CONTRIBUTING.md explains them.

python := ".venv/bin/python"
pytest := python + " -m pytest -n " + num_cpus() + " --dist worksteal"
cog := ".venv/bin/cog -I . -p 'from scripts.reference import *'"

# List the recipes.
_default:
    @just --list

# Create .venv and install the program with everything that development needs.
setup:
    python3 -m venv .venv
    .venv/bin/pip install -q -e '.[dev]'

# Run the default tests, or those that you name: just test tests/quote
test *ARGS:
    {{ pytest }} {{ ARGS }}

# Run the slow tests, which try each promise at its full numbers.
slow *ARGS:
    {{ pytest }} -m slow {{ ARGS }}

# Check style, formatting, and which module imports which.
lint:
    .venv/bin/ruff check .
    .venv/bin/ruff format --check .
    .venv/bin/lint-imports

# Check the types.
types:
    .venv/bin/mypy

# Fix style and formatting where ruff can.
fix:
    .venv/bin/ruff check --fix .
    .venv/bin/ruff format .

# Write the generated parts of the documentation.
docs:
    {{ cog }} -r README.md docs/how-to.md docs/reference.md
    {{ python }} scripts/man.py
    {{ python }} scripts/pages.py

# Two tests can't run under coverage, which loads modules and writes files of its own.

# Measure which lines and branches the default tests reach. It takes about 11 minutes on two cores.
coverage:
    .venv/bin/coverage erase
    .venv/bin/coverage run -m pytest -n {{ num_cpus() }} --dist worksteal -k 'not loads_no_heavy_package and not test_r3__a_full_disk'
    .venv/bin/coverage combine -q
    .venv/bin/coverage report

# Measure speed, on a quiet machine.
bench *ARGS:
    {{ python }} benchmarks/all.py {{ ARGS }}

# Run everything that must pass before a change is merged. It takes about 11 minutes on two cores.
ci:
    bash .ci/run
