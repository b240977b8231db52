"""The units in the docs that start the inbox: systemd and launchd read them."""

import configparser
import os
import plistlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from reddit_archive.cli import program
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "how-to.md").read_text()
SECTION = TEXT.partition("## Let downloads come in by themselves")[2].partition("\n## ")[0]
PATH_UNIT, SERVICE_UNIT = re.findall(r"```ini\n(.*?)```", SECTION, re.DOTALL)
(AGENT,) = re.findall(r"```xml\n(.*?)```", SECTION, re.DOTALL)


def verify(folder: Path, path_unit: str, service_unit: str) -> str:
    """Let systemd check two units in a home where the program is installed; return what it says."""
    program_path = folder / ".local" / "bin" / "archive"
    program_path.parent.mkdir(parents=True)
    program_path.write_text("#!/bin/sh\n")
    program_path.chmod(0o755)
    for suffix, unit in (("path", path_unit), ("service", service_unit)):
        (folder / f"archive-inbox.{suffix}").write_text(unit.replace("%h", str(folder)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", folder / "archive-inbox.path"],
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(folder), "SYSTEMD_LOG_LEVEL": "warning"},
        check=False,
    )
    return "\n".join(line for line in done.stderr.splitlines() if "archive-inbox" in line)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd__accepts_the_units(tmp_path: Path) -> None:
    assert verify(tmp_path / "good", PATH_UNIT, SERVICE_UNIT) == ""
    wrong = PATH_UNIT.replace("PathChanged", "PathAltered")
    assert "PathAltered" in verify(tmp_path / "bad", wrong, SERVICE_UNIT)


def test_units__fit_together() -> None:
    path, service = configparser.ConfigParser(), configparser.RawConfigParser()
    path.optionxform = service.optionxform = str  # type: ignore[assignment]
    path.read_string(PATH_UNIT.replace("%h", "~"))
    service.read_string(SERVICE_UNIT)
    assert path["Path"]["PathChanged"] == "~/Downloads"
    assert service["Service"]["Type"] == "oneshot"
    require_parsable(service["Service"]["ExecStart"].split()[1:])


def test_launchd__agent_is_a_property_list_with_the_same_command() -> None:
    agent = plistlib.loads(AGENT.encode())
    assert agent["WatchPaths"] == [agent["ProgramArguments"][2]]
    assert all(path.startswith("/") for path in (agent["WorkingDirectory"], *agent["WatchPaths"]))
    require_parsable(agent["ProgramArguments"][1:])
    with pytest.raises(plistlib.InvalidFileException):
        plistlib.loads(AGENT.encode()[50:])


def require_parsable(args: list[str]) -> None:
    """Raise a usage error unless the program takes these arguments."""
    name, *rest = args
    context = program.make_context("archive", list(args))
    command = program.get_command(context, name)
    assert command is not None
    command.make_context(name, rest, parent=context)
