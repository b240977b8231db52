"""Commands that read a folder work with folders deeper than Python's recursion limit."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES, Run

DEPTH = 1_100

pytestmark = pytest.mark.skipif(os.name == "nt", reason="paths are shorter there")


@pytest.fixture
def deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a saved page at its top and at the bottom of 1,100 folders."""
    top = tmp_path / "deep"
    top.mkdir()
    shutil.copy(EXAMPLES / "short.json", top)
    with monkeypatch.context() as patch:
        patch.chdir(top)
        for _ in range(DEPTH):
            os.mkdir("d")
            os.chdir("d")
        shutil.copy(EXAMPLES / "poll.json", ".")
    yield top
    subprocess.run(["rm", "-rf", str(top)], check=True)  # shutil.rmtree recurses


def test_commands__read_a_deep_folder(run: Run, deep: Path) -> None:
    ran = run("import", deep, "--dry-run")
    assert (ran.code, len(ran.out.splitlines())) == (0, 2)
    assert run("batch", deep, "--dry-run").code == 0
    assert "should not have happened" not in run("refresh", deep, "--offline").err
    (deep / "bagit.txt").write_text("BagIt-Version: 1.0\n")
    ran = run("import", deep)
    assert (ran.code, "has no manifest" in ran.err) == (4, True)
