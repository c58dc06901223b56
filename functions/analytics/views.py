"""Views of the figures: a rebuilt view replaces the minutes of another from its first minute on.

The scopes of a view's rows begin with its name, those of the first view do not. One row names the views
that are shown; the live function counts in these, and a replay swaps its own in.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

FIRST_VIEW = "first"
"""The view that a stage begins with; its rows have no prefix."""
VIEWS, SHOWN = "views", "shown"
"""The key of the row that names the views."""
REPLAY = "replay"
"""The scope of the replays that were begun, by the view that they build."""
CHECKPOINT = "checkpoint"
"""The scope of checkpoints; that of minutes is their hour."""
_OLDEST = "oldest"
"""Stands for the empty minute: a name in a map of DynamoDB has a character at least."""
_HOUR_CHARACTERS = len("2026-11-28T21")


class ShownViews(msgspec.Struct, frozen=True):
    """The view of each range of minutes."""

    starts: Mapping[str, str] = msgspec.field(default_factory=lambda: {"": FIRST_VIEW})
    """The view of all minutes from this one on, until the next start; an empty minute is the oldest."""
    shards: int = 0
    """Number of shards begun: a swap that missed a new shard fails."""
    swaps: int = 0
    """Number of swaps: a function that read other views fails."""

    @property
    def current(self) -> str:
        """Return the view of the newest minutes."""
        return self.starts[max(self.starts)]

    def of(self, minute: str) -> str:
        """Return the view that shows a minute."""
        return self.starts[max(start for start in self.starts if start <= minute)]

    def with_view(self, view: str, since: str) -> Mapping[str, str]:
        """Return the starts when this view shows all minutes from one on."""
        return {start: name for start, name in self.starts.items() if start < since} | {since: view}


def hour_scope(view: str, minute: str) -> str:
    """Return the scope of a minute's row, or of its hour's rows."""
    return _prefix(view) + minute[:_HOUR_CHARACTERS]


def checkpoint_scope(view: str) -> str:
    """Return the scope of the checkpoints of the replay that builds a view."""
    return _prefix(view) + CHECKPOINT


def view_of_scope(scope: str) -> str:
    """Return the view that a row belongs to."""
    return scope.partition("#")[0] if "#" in scope else FIRST_VIEW


def views_of_row(row: Mapping[str, Any] | None) -> ShownViews:
    """Return the views that a row of DynamoDB names; a table without one has the first view only."""
    if row is None:
        return ShownViews()
    shards, swaps = (int(row[name]["N"]) if name in row else 0 for name in ("shards", "swaps"))
    named = row["starts"]["M"] if "starts" in row else {_OLDEST: {"S": FIRST_VIEW}}
    starts = {"" if start == _OLDEST else start: name["S"] for start, name in named.items()}
    return ShownViews(starts, shards, swaps)


def row_of_starts(starts: Mapping[str, str]) -> dict[str, Any]:
    """Return the attribute that names the views."""
    return {"M": {start or _OLDEST: {"S": name} for start, name in starts.items()}}


def _prefix(view: str) -> str:
    return "" if view == FIRST_VIEW else f"{view}#"
