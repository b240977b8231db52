"""The files for developers name files, recipes and commands that exist."""

import re

import yaml

from tests.conftest import ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
PATHS = re.compile(r"`((?:reddit_archive|tests|docs|benchmarks|examples|scripts|\.ci)/[\w./-]*)`")
JOBS = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]


def test_contributing__paths_exist() -> None:
    paths = PATHS.findall(CONTRIBUTING)
    assert len(paths) > 30
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_contributing__names_that_it_gives_for_files_are_in_them() -> None:
    pattern = rf"`([A-Z]\w+|\w+\(\))`\s+in\s+{PATHS.pattern}"
    named = re.findall(pattern, CONTRIBUTING)
    assert len(named) >= 6
    for name, path in named:
        assert name.removesuffix("()") in (ROOT / path).read_text(), (name, path)


def test_contributing__recipes_exist() -> None:
    recipes = re.findall(r"^(\w+)(?: \*\w+)?:$", (ROOT / "justfile").read_text(), re.MULTILINE)
    assert set(re.findall(r"`just (\w+)", CONTRIBUTING)) <= set(recipes)


def test_workflow__actions_are_pinned_to_commits() -> None:
    uses = [step["uses"] for job in JOBS.values() for step in job["steps"] if "uses" in step]
    assert uses
    assert [name for name in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name)] == []
