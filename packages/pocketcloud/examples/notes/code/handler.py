"""The functions of the example: one keeps notes, the other reports that it runs."""

import json
from typing import Any

import boto3


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Read or write the note in the path."""
    table = boto3.resource("dynamodb").Table("notes")
    key = {"id": event["pathParameters"]["id"]}
    if event["httpMethod"] == "PUT":
        table.put_item(Item={**key, "text": json.loads(event["body"])["text"]})
        return {"statusCode": 204}
    item = table.get_item(Key=key).get("Item")
    return {"statusCode": 200 if item else 404, "body": json.dumps(item)}


def health(_event: dict[str, Any], _context: object) -> dict[str, str]:
    """Report that the app runs."""
    return {"status": "ok"}
