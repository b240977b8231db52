"""The program `archive`, which `python -m reddit_archive` is as well."""

import gc
import sys

INTERRUPTED = 130


def main() -> None:
    """Load the program, and be it; an interrupt while it loads gets a sentence as well."""
    try:
        from reddit_archive import cli
    except KeyboardInterrupt:
        print("archive: interrupted.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    try:
        cli.main()
    finally:
        gc.freeze()  # what is left goes with the process, and need not be looked at once more


if __name__ == "__main__":
    main()
