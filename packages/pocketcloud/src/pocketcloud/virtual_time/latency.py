"""How long a hop takes in virtual time: the published medians, spread by the seed.

p50s of eu-west-1 from https://bitesizedserverless.com, September 2022; EventBridge of February 2023.
"""

import random
from datetime import timedelta

STREAM_TO_FUNCTION = timedelta(milliseconds=213)
BUS_TO_TARGET = timedelta(milliseconds=148)
TOPIC_TO_QUEUE = timedelta(milliseconds=40)
QUEUE_TO_FUNCTION = timedelta(milliseconds=16)


def spread(median: timedelta, chance: random.Random) -> timedelta:
    """The median times a factor between a half and one and a half, to the microsecond."""
    return median * chance.uniform(0.5, 1.5)
