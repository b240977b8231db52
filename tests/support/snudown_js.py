"""Reddit's renderer as `snudown-js`, from npm: installs it, and renders with it in one process."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

RENDER = """
const snudown = require("snudown-js");
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => snudown.markdown(text))));
"""


def install(folder: Path) -> bool:
    """Install it into the folder. Return whether it is there: it needs node, npm and a registry."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return False
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "snudown-js@4.1.0"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and render(["*a*"], folder) == ["<p><em>a</em></p>\n"]


def render(texts: Sequence[str], folder: Path) -> list[str]:
    done = subprocess.run(
        ["node", "-e", RENDER],
        input=json.dumps(list(texts)),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return json.loads(done.stdout) if done.returncode == 0 else []
