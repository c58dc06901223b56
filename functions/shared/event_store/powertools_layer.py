"""Powertools' own record of what was done, for reactions with an effect outside our tables."""

from datetime import timedelta
from functools import cache

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig

from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.plausibility import LONGEST_LIFE

REMEMBERED = LONGEST_LIFE + timedelta(days=1)
"""Longer than a message can come again: whatever is older is rejected (`plausibility.py`)."""

EXPIRY = "expires_at"
"""The attribute by which DynamoDB deletes rows of our tables (time to live)."""


@cache
def powertools_layer() -> DynamoDBPersistenceLayer:
    """Powertools' DynamoDB layer on this service's idempotency table; one instance, since it keeps state."""
    return DynamoDBPersistenceLayer(
        required("IDEMPOTENCY_TABLE"), expiry_attr=EXPIRY, boto3_client=dynamodb()
    )


def configuration() -> IdempotencyConfig:
    """Keyed by event id and never without one, hashed with SHA-256, no cache that could outlive a record.

    The digest tells an event that comes again from another that took its id.
    """
    return IdempotencyConfig(
        event_key_jmespath="event_id",
        payload_validation_jmespath="digest",
        raise_on_no_idempotency_key=True,
        expires_after_seconds=int(REMEMBERED.total_seconds()),
        use_local_cache=False,
        hash_function="sha256",
    )
