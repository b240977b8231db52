"""Run the pages of docs/ that are scripts, and write into them what their commands print now.

Run it after a change of what the program says: `python scripts/pages.py [PAGE…]`. The tests
compare.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.project.test_doc_scripts import PLAYED  # noqa: E402
from tests.support.doc_pages import playing  # noqa: E402  (after the path is set)


def main() -> None:
    for page in [Path(name).resolve() for name in sys.argv[1:]] or PLAYED:
        with tempfile.TemporaryDirectory() as home:
            page.write_text(playing.play(page.read_text(), Path(home).resolve()))


if __name__ == "__main__":
    main()
