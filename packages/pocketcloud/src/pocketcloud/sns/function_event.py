"""The event with which SNS invokes a subscribed function.

https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from moto.sns.models import Subscription

from pocketcloud.sns.envelope import envelope
from pocketcloud.sns.notification import Notification

_RENAMED = {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}


def function_event(subscription: Subscription, sent: Notification, at: datetime) -> dict[str, Any]:
    """Return the event: one record with the signed notification, whose names differ from a queue's."""
    text = sent.message if sent.function_message is None else sent.function_message
    signed = json.loads(envelope(subscription, replace(sent, message=text), at))
    notification = {_RENAMED.get(name, name): value for name, value in signed.items()}
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": {"Subject": None, "MessageAttributes": {}, **notification},
    }
    return {"Records": [record]}
