"""Latencies between services: published medians with seeded jitter; and how fast time passes at most.

p50 in eu-west-1 from https://bitesizedserverless.com, September 2022; EventBridge from February 2023.
"""

import random
from datetime import timedelta
from enum import StrEnum


class Latency(StrEnum):
    """The latencies of deliveries between services."""

    NONE = "none"
    PUBLISHED = "published"


MAX_SPEED = 1000
"""Maximum speed of a served cloud's time, in multiples of real time: a minute is 17 hours."""
STREAM_TO_FUNCTION = timedelta(milliseconds=213)
BUS_TO_TARGET = timedelta(milliseconds=148)
TOPIC_TO_QUEUE = timedelta(milliseconds=40)
QUEUE_TO_FUNCTION = timedelta(milliseconds=16)


def spread(median: timedelta, chance: random.Random) -> timedelta:
    """Multiply the median by a random factor between 0.5 and 1.5."""
    return median * chance.uniform(0.5, 1.5)
