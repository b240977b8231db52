"""Reads the lists, pages and exports of a batch; each thread is requested once.

Pure: bytes in, values out.
"""

from reddit_archive.workflows.inputs.entries import ListEntry, ListProblem
from reddit_archive.workflows.inputs.merge import ThreadRequest, merge_entries

__all__ = ["ListEntry", "ListProblem", "ThreadRequest", "merge_entries"]
