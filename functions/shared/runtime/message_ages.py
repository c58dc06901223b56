"""Limits of a message's age, from the retention and the retries of every AWS service on its way."""

from datetime import timedelta

SKEW = timedelta(minutes=5)
"""Clocks may differ by this much."""
AHEAD = timedelta(hours=24)
"""Maximum lead of a producer's clock."""
STREAM_RETENTION = timedelta(hours=24)
BUS_RETRIES = timedelta(hours=24)
TOPIC_RETRIES = timedelta(days=23)
"""https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html"""
QUEUE_RETENTION = timedelta(days=4)
DEAD_LETTER_RETENTION = timedelta(days=14)
REDRIVES = 2
"""Number of times that a message may stay in a dead-letter queue for its whole retention and be redriven."""
MAXIMUM_ARRIVAL_AGE = timedelta(days=90)
"""A message that is older when it arrives is rejected, so every record must last longer.

All retries, a consumer's queue and its redrives take less. Only a message that also waits for most of its
retention in another dead-letter queue on its way (the relay's, a rule's, a subscription's) may take longer.
It is kept in the last one as `time_in_past`, for `orderbus replay`.
"""
MAXIMUM_EVENT_AGE = AHEAD + MAXIMUM_ARRIVAL_AGE + QUEUE_RETENTION
"""The longest time from the first handling of a message to the last.

The first may be early by the producer's clock, and the last arrives within the journey and then waits in its
queue. Handlers remember messages for longer than this.
"""
