"""Compare the number of comments that a post reports with the comments in its captures. Pure."""

from dataclasses import dataclass, field
from typing import Any

from reddit_archive.model.completeness.coverage import Coverage
from reddit_archive.model.deletion import get_deletion_reason
from reddit_archive.model.json_fields import get_int


@dataclass(slots=True)
class CommentCount:
    """How many comments the post reports, and how many of them the captures account for.

    Attributes:
        max_reported: The highest number that any capture reports.
        without_id: Number of deleted comments that are known only from web pages without their ids.
        has_web_page: One of the captures is a saved web page.
    """

    max_reported: int = 0
    without_id: int = 0
    has_web_page: bool = False
    _expected: int | None = None
    _accounted: int = 0
    _counted_names: set[str] = field(default_factory=set)
    _has_post: bool = False
    _has_partial: bool = False
    _filtered_names: set[str] | None = None

    def add(self, coverage: Coverage) -> None:
        """Add the next capture."""
        self._has_partial = self._has_partial or coverage.is_partial
        self.has_web_page = self.has_web_page or coverage.is_web_page
        self._update_filter(coverage)
        new = {name for name in coverage.things if name.startswith("t1_")} - self._counted_names
        self._update_without_id(coverage, new)
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

    def _update_without_id(self, coverage: Coverage, new_names: set[str]) -> None:
        """Update how many deleted comments are known only from pages that lack their ids.

        A comment of another capture may be one of them: if it was known or counted before, or if it
        is deleted there, or if the source keeps first texts only. Such comments are counted once.
        So the count may be too low, and the thread is then called incomplete, but never too high.
        """
        if coverage.is_thread_page:
            self.without_id = 0
        elif coverage.is_web_page:
            known_elsewhere = len(self._counted_names - coverage.things.keys())
            counted_only = max(self._accounted - len(self._counted_names), 0)
            self.without_id = max(
                self.without_id, coverage.comments_without_id - known_elsewhere - counted_only
            )
        elif self.without_id:
            candidates = [
                name
                for name in new_names
                if coverage.has_first_texts
                or get_deletion_reason("t1", coverage.things[name]["data"]) is not None
            ]
            self.without_id = max(self.without_id - len(candidates), 0)

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
        remaining = (self._expected or 0) - self._accounted - self.without_id - listed_count
        return max(remaining, 0) if remaining > 0 or self._filtered_names is not None else None

    def to_json(self) -> list[Any]:
        """Return the state as JSON values, for `from_json`."""
        filtered_names = self._filtered_names
        return [
            self.max_reported,
            self.without_id,
            self.has_web_page,
            self._expected,
            self._accounted,
            sorted(self._counted_names),
            self._has_post,
            self._has_partial,
            None if filtered_names is None else sorted(filtered_names),
        ]

    @classmethod
    def from_json(cls, values: list[Any]) -> "CommentCount":
        """Return the count with the state that `to_json` returned."""
        counted_names, filtered_names = values[5], values[8]
        values[5] = set(counted_names)
        values[8] = None if filtered_names is None else set(filtered_names)
        return cls(*values)
