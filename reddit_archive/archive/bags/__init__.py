"""Write threads as BagIt bags (RFC 8493), and restore them.

The payload of a bag is an archive without a ledger of redactions. A bag is imported only if all of
its digests are correct. Names in a bag become paths only if this program writes such names.
"""

from reddit_archive.archive.bags.reader import Bag, find_bags
from reddit_archive.archive.bags.restorer import RestoreResult, restore_bag
from reddit_archive.archive.bags.writer import write_bag

__all__ = ["Bag", "RestoreResult", "find_bags", "restore_bag", "write_bag"]
