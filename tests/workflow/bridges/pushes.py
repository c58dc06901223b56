"""The requests of a push subscription of Pub/Sub."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from pocketcloud import OfflineCloud, Reply
from tests.workflow.bridges.google import ISSUER, JWKS, push_token

ROUTE = "/neighbours/pubsub"


def message_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a PutEvents entry as a message in CloudEvents' binary mode."""
    event = json.loads(entry["Detail"])
    data = json.dumps(event.pop("data")).encode()
    attributes = {f"ce-{name}": value for name, value in event.items()}
    return {"data": base64.b64encode(data).decode(), "attributes": attributes}


def push(cloud: OfflineCloud, message: Mapping[str, Any], token: str | None = None) -> Reply:
    """Push a message with Google's token, or another one."""
    now = cloud.clock.now()
    received = {"messageId": "7", "publishTime": now.isoformat(), **message}
    body = {"subscription": "projects/my-shop/subscriptions/orderbus", "message": received}
    cloud.issuers[ISSUER] = JWKS
    headers = {"Authorization": f"Bearer {token or push_token(now.timestamp())}"}
    return cloud.http("POST", ROUTE, json=body, headers=headers, customer=None)
