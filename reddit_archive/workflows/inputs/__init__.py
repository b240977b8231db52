"""What a batch works on: lists, pages and exports read into threads, each wanted once.

Bytes in, values out; which threads are due, and what has moved, is told here as well.
"""

from reddit_archive.workflows.inputs.entries import Item, Problem
from reddit_archive.workflows.inputs.merge import Wanted, unite

__all__ = ["Item", "Problem", "Wanted", "unite"]
