"""The identity of an event for Powertools, and the retention of its record."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig

from functions.shared.runtime.message_ages import MAXIMUM_EVENT_AGE

REMEMBERED = MAXIMUM_EVENT_AGE + timedelta(days=1)
"""Longer than a message can be redelivered: older ones are rejected (`message_ages.py`)."""

EXPIRY = "expires_at"
"""The time-to-live attribute of our tables."""


def configuration(response_hook: Callable[..., Any] | None = None) -> IdempotencyConfig:
    """Return the configuration: keyed by event id, hashed with SHA-256, without a local cache.

    A cache could outlive a record. The digest detects another event with the same id. `response_hook` returns
    the response of a reaction that has run before.
    """
    return IdempotencyConfig(
        event_key_jmespath="event_id",
        payload_validation_jmespath="digest",
        raise_on_no_idempotency_key=True,
        expires_after_seconds=int(REMEMBERED.total_seconds()),
        use_local_cache=False,
        hash_function="sha256",
        response_hook=response_hook,
    )
