"""Measures and pads text by the columns that it takes in a font with fixed widths."""


def measure(text: str) -> int:
    """Return the width of a line: Chinese characters and emoji take two columns."""
    if text.isascii():
        return len(text)
    import wcwidth  # 18 ms, and most texts are ASCII

    return wcwidth.width(text, control_codes="ignore")


def pad(text: str, width: int, align: str = "left") -> str:
    """Pad a line with spaces to a width; `align` is "left", "right" or "center"."""
    missing = max(0, width - measure(text))
    left = {"right": missing, "center": missing // 2}.get(align, 0)
    return " " * left + text + " " * (missing - left)
