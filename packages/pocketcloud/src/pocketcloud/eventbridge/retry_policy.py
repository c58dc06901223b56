"""Limits of a target's retry policy, for rules and schedules; the largest values are the defaults.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html
"""

from collections.abc import Mapping

MAXIMUM_ATTEMPTS = 185
MINIMUM_AGE_SECONDS, MAXIMUM_AGE_SECONDS = 60, 86_400


def retry_policy_error(policy: Mapping[str, int]) -> str | None:
    """Return which value is outside its limits; None if none is."""
    attempts = policy.get("MaximumRetryAttempts", MAXIMUM_ATTEMPTS)
    age = policy.get("MaximumEventAgeInSeconds", MAXIMUM_AGE_SECONDS)
    if not 0 <= attempts <= MAXIMUM_ATTEMPTS:
        return f"MaximumRetryAttempts must be 0 to {MAXIMUM_ATTEMPTS}: {attempts}"
    if not MINIMUM_AGE_SECONDS <= age <= MAXIMUM_AGE_SECONDS:
        return f"MaximumEventAgeInSeconds must be {MINIMUM_AGE_SECONDS} to {MAXIMUM_AGE_SECONDS}: {age}"
    return None
