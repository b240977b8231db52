"""Archive Reddit threads and quote them as Markdown."""

__version__ = "0.1.0"
