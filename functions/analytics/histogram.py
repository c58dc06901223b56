"""A histogram of durations that adds up over minutes, shards and replays: fixed logarithmic buckets."""

import math
from collections.abc import Mapping
from datetime import timedelta

BUCKETS_PER_DOUBLING = 8
"""A bucket's bounds are 9 % apart, and so is a quantile from the real one at most."""
_MILLISECOND = timedelta(milliseconds=1)


def bucket_of(duration: timedelta) -> int:
    """Return the bucket of a duration; the first one holds up to a millisecond."""
    milliseconds = max(1.0, duration / _MILLISECOND)
    return math.ceil(BUCKETS_PER_DOUBLING * math.log2(milliseconds))


def quantile(counts: Mapping[int, int], share: float) -> timedelta | None:
    """Return the upper bound of the bucket that holds this share of durations; None without durations."""
    rank = math.ceil(share * sum(counts.values()))
    for bucket in sorted(counts):
        rank -= counts[bucket]
        if rank <= 0:
            return 2 ** (bucket / BUCKETS_PER_DOUBLING) * _MILLISECOND
    return None
