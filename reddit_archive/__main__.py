"""`python -m reddit_archive` is the program `archive`."""

from reddit_archive.cli import main

if __name__ == "__main__":
    main()
