"""Build the wheel and the sdist, install them as users do, and run the program from each.

    python scripts/try_install.py

Ways: pip with the wheel, pip with the sdist, pipx, `uv tool`, and pip as the Dockerfile runs it, on
what `docker build` would copy. Works in temporary folders; `build`, `docker`, `pipx` and `uv` come
from the package index. Exits with 1 when one of them fails.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOOLS = ("build", "docker", "pipx", "uv")
LIST_CONTEXT = """
import sys
from docker.utils.build import exclude_paths
print("\\n".join(exclude_paths(sys.argv[1], sys.stdin.read().splitlines())))
"""
PARTS = (
    *(
        "py.typed",
        "export/site/templates/thread.html",
        "export/site/assets/style.css",
        "export/site/assets/script.js",
    ),
    *("examples/short.json", "examples/notes.md"),
)


def run(*command: object, stdin: str = "", **env: object) -> str:
    """Run a command and return what it printed; exit with all of that when it fails."""
    done = subprocess.run(
        [*map(str, command)],
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, **{name: str(value) for name, value in env.items()}},
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def fresh(folder: Path) -> Path:
    """Make a virtual environment; give the folder of its programs."""
    venv.create(folder, with_pip=True)
    return folder / ("Scripts" if os.name == "nt" else "bin")


def built(tools: Path, folder: Path) -> tuple[Path, Path]:
    """Build the sdist, and the wheel from it, as the package index does."""
    run(tools / "python", "-m", "build", "-o", folder, ROOT)
    wheel, sdist = next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))
    held = zipfile.ZipFile(wheel).namelist()
    if lacking := [part for part in PARTS if f"reddit_archive/{part}" not in held]:
        sys.exit(f"{wheel.name} lacks {', '.join(lacking)}")
    return wheel, sdist


def installed(tools: Path, wheel: Path, sdist: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Install it in each way; give the way's name and where the program is."""
    for path in (wheel, sdist):
        programs = fresh(folder / f"pip{path.suffix}")
        run(programs / "pip", "install", "-q", path)
        yield f"pip install {path.name}", programs
    home, programs = folder / "pipx", folder / "pipx-bin"
    run(tools / "pipx", "install", wheel, PIPX_HOME=home, PIPX_BIN_DIR=programs)
    yield f"pipx install {wheel.name}", programs
    home, programs = folder / "uv", folder / "uv-bin"
    run(tools / "uv", "tool", "install", "-q", wheel, UV_TOOL_DIR=home, UV_TOOL_BIN_DIR=programs)
    yield f"uv tool install {wheel.name}", programs


def copy_build_context(tools: Path, folder: Path) -> Path:
    """Copy the files that `docker build` would send, and return their folder."""
    rules = (ROOT / ".dockerignore").read_text()
    listed = run(tools / "python", "-c", LIST_CONTEXT, ROOT, stdin=rules)
    for path in filter(None, listed.splitlines()):
        if (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, folder / path)
    return folder


def install_like_dockerfile(context: Path, folder: Path) -> Path:
    """Run the Dockerfile's `pip install` on the build context; return the folder of programs."""
    extras = re.search(r"'/source(\[[a-z,]+\])'", (context / "Dockerfile").read_text())
    if extras is None:
        sys.exit("the Dockerfile no longer installs '/source[extras]'")
    programs = fresh(folder)
    run(programs / "pip", "install", "-q", f"{context}{extras[1]}")
    return programs


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tools = fresh(folder / "tools")
        run(tools / "pip", "install", "-q", *TOOLS)
        wheel, sdist = built(tools, folder / "dist")
        context = copy_build_context(tools, folder / "context")
        ways = [
            *installed(tools, wheel, sdist, folder),
            ("Dockerfile", install_like_dockerfile(context, folder / "image")),
        ]
        for way, programs in ways:
            root = folder / programs.parent.name / "archive"
            version = run(programs / "archive", "--version").strip()
            thread = ROOT / "examples" / "short.json"
            quote = run(programs / "reddit-archive", "--archive", root, thread, "--top", "2")
            if not (wheel.name.split("-")[1] in version and quote.count("\n> > [") == 2):
                sys.exit(f"{way}: the program does not do its work: {version}\n{quote}")
            print(f"{way}: {version}")


if __name__ == "__main__":
    main()
