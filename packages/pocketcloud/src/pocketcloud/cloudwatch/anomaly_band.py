"""The band in which an anomaly detector expects a metric: an approximation of ours.

CloudWatch learns a model of its own from up to two weeks, with hours and weekdays in it, and does not publish
it. Ours is the mean of the last two hours and so many standard deviations to either side. These are at least
those of chance arrivals (the root of the mean), as a few equal periods are no reason to be certain. Before
there is an hour of data there is no band, and nothing is outside of it.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean, pstdev

PAST = timedelta(hours=2)
LEAST = timedelta(hours=1)
"""How much must have been measured of it."""


@dataclass(frozen=True, slots=True)
class Band:
    """What is expected, its edges included."""

    lower: float
    upper: float


def band_of(past: Sequence[float], *, period: timedelta, width: float) -> Band | None:
    """What is expected after these values, one a period, and no wider than so many standard deviations."""
    if len(past) * period < LEAST:
        return None
    mean = fmean(past)
    reach = width * max(pstdev(past), math.sqrt(abs(mean)))
    return Band(mean - reach, mean + reach)
