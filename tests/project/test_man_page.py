"""The manual page is the program's, and a manual page to those who print it."""

import re
import runpy
import shutil
import subprocess

import pytest

from reddit_archive import errors
from reddit_archive.cli.commands import COMMANDS
from reddit_archive.cli.commands.export import FORMATS
from tests.conftest import ROOT

SCRIPT = runpy.run_path(str(ROOT / "scripts" / "man.py"))
FILE = ROOT / "docs" / "archive.1"


def rendered(source: str) -> tuple[str, str]:
    """What groff prints of a page, without bold and the like, and what it complains of."""
    done = subprocess.run(
        ["groff", "-k", "-ww", "-man", "-Tutf8", "-rLL=500n", "-P-c"],
        input=source.encode(),
        capture_output=True,
        check=False,
    )
    text = re.sub(r".\x08", "", done.stdout.decode()).replace("\u2010", "-")
    return " ".join(text.split()), done.stderr.decode()


def test_man__is_what_the_program_says() -> None:
    stale = "docs/archive.1 is stale: python scripts/man.py"
    assert FILE.read_text() == SCRIPT["page"](), stale


def test_man__names_every_command_and_exit_code() -> None:
    text = FILE.read_text().replace("\\-", "-")
    commands = [f"archive {name}" for name in COMMANDS if name != "export"]
    for command in (*commands, *(f"archive export {form}" for form in FORMATS)):
        assert f'.SS "{command} ' in text or f'.SS "{command}"' in text, command
    codes = {error.exit_code for error in vars(errors).values() if isinstance(error, type)}
    assert {code for code, _ in SCRIPT["CODES"]} >= {str(code) for code in codes}


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not here")
def test_man__prints_without_a_complaint() -> None:
    text, complaints = rendered(FILE.read_text())
    assert complaints == ""
    assert "archive quote 9bread1 --all" in text
    assert "-o, --output FILE Write the quote to FILE." in text


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not here")
@pytest.mark.parametrize("text", [".so /etc/passwd", "'br", "a\\n b", "--x-y", 'say "it"', "\\fBx"])
def test_roff__no_text_is_a_request(text: str) -> None:
    printed, complaints = rendered(f".TH X 1\n.SH NAME\n{SCRIPT['roff'](text)}\n")
    assert text in printed
    assert complaints == ""


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not here")
def test_roff__control_unescaped_text_is_not_printed_as_it_is() -> None:
    assert "a\\n b" not in rendered(".TH X 1\n.SH NAME\na\\n b\n")[0]
