"""What a batch works on: lists, pages and exports read into threads, each wanted once.

Bytes in, values out; which threads are due, and what has moved, is told here as well.
"""

from reddit_archive.workflows.inputs.entries import ListEntry, ListProblem
from reddit_archive.workflows.inputs.merge import ThreadRequest, merge_entries

__all__ = ["ListEntry", "ListProblem", "ThreadRequest", "merge_entries"]
