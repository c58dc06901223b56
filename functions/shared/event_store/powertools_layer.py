"""Powertools' own idempotency records, for reactions with effects outside our tables.

Only a service that uses them imports this module: Powertools' layer imports boto3, a tenth of a cold start.
"""

from functools import cache

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

from functions.shared.event_store.idempotency import EXPIRY
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required


@cache
def powertools_layer() -> DynamoDBPersistenceLayer:
    """Return Powertools' layer on this service's idempotency table; one instance, as it keeps state."""
    return DynamoDBPersistenceLayer(
        required("IDEMPOTENCY_TABLE"), expiry_attr=EXPIRY, boto3_client=dynamodb()
    )
