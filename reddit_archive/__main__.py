"""Run the program `archive`, also as `python -m reddit_archive`."""

import gc
import sys

INTERRUPTED = 130


def main() -> None:
    """Load and run the program. An interrupt while it loads is reported, too."""
    try:
        from reddit_archive import cli
    except KeyboardInterrupt:
        print("archive: interrupted.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    try:
        cli.main()
    finally:
        gc.freeze()  # skips a last collection: exiting frees everything anyway


if __name__ == "__main__":
    main()
