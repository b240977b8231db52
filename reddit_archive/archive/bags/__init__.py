"""A thread as a BagIt bag (RFC 8493), and back from one.

The payload of a bag is an archive of its own. Nothing of a bag is taken before all of its digests
are right, and no name in it becomes a path: each must be one that this program gives.
"""

from reddit_archive.archive.bags.reader import Bag, find_bags
from reddit_archive.archive.bags.restorer import RestoreResult, restore_bag
from reddit_archive.archive.bags.writer import write_bag

__all__ = ["Bag", "RestoreResult", "find_bags", "restore_bag", "write_bag"]
