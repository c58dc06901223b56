"""An AWS account in one process: deploy a synthesized CDK app and run it in virtual time."""

from pocketcloud.apigateway.http_message import Reply
from pocketcloud.cloud import OfflineCloud
from pocketcloud.core.aws_calls import AwsCall, AwsCalls, Crash
from pocketcloud.core.journal import Delivery, EventRef, Hop, Journal, Kind, Undelivered

__all__ = [
    "AwsCall",
    "AwsCalls",
    "Crash",
    "Delivery",
    "EventRef",
    "Hop",
    "Journal",
    "Kind",
    "OfflineCloud",
    "Reply",
    "Undelivered",
]
