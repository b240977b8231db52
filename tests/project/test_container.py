"""The container: `docker build` copies everything that the wheel needs."""

import tomllib
from pathlib import Path

from docker.utils.build import exclude_paths

ROOT = Path(__file__).parents[2]
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()


def build_inputs() -> set[str]:
    """Return the paths that pyproject.toml names for the build of the wheel."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    return {
        "pyproject.toml",
        settings["project"]["readme"],
        *settings["project"]["license-files"],
        settings["tool"]["hatch"]["version"]["path"],
        *wheel["packages"],
        *wheel["force-include"],
        *wheel["shared-data"],
    }


def missing_inputs(ignored: list[str]) -> set[str]:
    """Return the build inputs that the image does not get under these ignore rules."""
    return build_inputs() - exclude_paths(str(ROOT), list(ignored))


def test_dockerignore__lets_through_what_the_build_needs() -> None:
    assert missing_inputs(IGNORED) == set()


def test_dockerignore__a_missing_rule_is_found() -> None:
    for rule in (line for line in IGNORED if line.startswith("!")):
        assert missing_inputs([line for line in IGNORED if line != rule]), rule


def test_dockerignore__keeps_the_archive_and_settings_out() -> None:
    copied = exclude_paths(str(ROOT), list(IGNORED))
    assert not {path for path in copied if path.startswith(("archive", "config", ".git", "tests"))}
