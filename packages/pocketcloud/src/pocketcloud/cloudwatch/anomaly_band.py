"""Approximate the band in which CloudWatch's anomaly detection expects a metric.

CloudWatch trains an unpublished model on up to two weeks of data, including hours and weekdays. This
approximation is the mean of the last two hours plus and minus a number of standard deviations. The standard
deviation is at least that of random arrivals (the square root of the mean). With less than an hour of data
there is no band, and no value is anomalous.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean, pstdev

HISTORY = timedelta(hours=2)
MINIMUM_HISTORY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AnomalyBand:
    """The range of expected values, inclusive."""

    lower: float
    upper: float


def band_of(past: Sequence[float], *, period: timedelta, width: float) -> AnomalyBand | None:
    """Return the band after these values, one per period, `width` standard deviations to either side."""
    if len(past) * period < MINIMUM_HISTORY:
        return None
    mean = fmean(past)
    reach = width * max(pstdev(past), math.sqrt(abs(mean)))
    return AnomalyBand(mean - reach, mean + reach)
