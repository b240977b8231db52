"""Compare the number of comments that a post reports with the comments in its captures. Pure."""

from dataclasses import dataclass, field

from reddit_archive.model.completeness.coverage import Coverage
from reddit_archive.model.json_fields import get_int


@dataclass(slots=True)
class CommentCount:
    """How many comments the post reports, and how many of them the captures account for.

    Attributes:
        max_reported: The highest number that any capture reports.
    """

    max_reported: int = 0
    _expected: int | None = None
    _accounted: int = 0
    _counted_names: set[str] = field(default_factory=set)
    _has_post: bool = False
    _has_partial: bool = False
    _filtered_names: set[str] | None = None

    def add(self, coverage: Coverage) -> None:
        """Add the next capture."""
        self._has_partial = self._has_partial or coverage.is_partial
        self._update_filter(coverage)
        new = {name for name in coverage.things if name.startswith("t1_")} - self._counted_names
        reported = None
        if coverage.post is not None:
            self._has_post = True
            reported = get_int(coverage.post["data"], "num_comments")
        self.max_reported = max(self.max_reported, reported or 0)
        if coverage.is_thread_page:
            self._counted_names |= new
            self._expected = self._accounted = (
                len(self._counted_names) if reported is None else reported
            )
            return
        if reported is not None:
            self._expected = max(reported, self._expected or 0)
        if not coverage.is_filtered:
            self._accounted += len(new)
            self._counted_names |= new

    def _update_filter(self, coverage: Coverage) -> None:
        """Remember what a filtered capture contains until an unfiltered one contains it, too."""
        if coverage.is_filtered:
            self._filtered_names = (self._filtered_names or set()) | coverage.things.keys()
        elif self._filtered_names is not None and (
            coverage.is_thread_page or self._filtered_names <= coverage.things.keys()
        ):
            self._filtered_names = None

    def count_unlisted(self, listed_count: int) -> int | None:
        """Return how many comments are missing and not listed by any stub.

        Args:
            listed_count: Number of missing comments that stubs list.

        Returns:
            The number, 0 if there are some but their number is unknown, None if there are none.
        """
        if not self._has_post or (self._expected is None and self._has_partial):
            return 0
        remaining = (self._expected or 0) - self._accounted - listed_count
        return max(remaining, 0) if remaining > 0 or self._filtered_names is not None else None
