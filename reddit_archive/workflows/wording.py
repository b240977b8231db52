"""Words that messages of several workflows and commands share."""

RETURNED_HINT = (
    "`archive forget` removes it. To keep it, delete its line from forgotten.log in the archive."
)


def format_count(number: int, noun: str) -> str:
    """Write a number of things: "1 comment", "2,000 comments"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
