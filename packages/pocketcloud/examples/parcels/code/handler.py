"""Keep where a parcel was seen last."""

import json
from typing import Any

import boto3


def handle(event: dict[str, Any], _context: object) -> None:
    """Write one row per message; a message without a parcel fails, and SQS dead-letters it."""
    dynamodb = boto3.client("dynamodb")
    for record in event["Records"]:
        scan = json.loads(record["body"])
        item = {"parcel": {"S": scan["parcel"]}, "place": {"S": scan["place"]}}
        dynamodb.put_item(TableName="parcels", Item=item)
