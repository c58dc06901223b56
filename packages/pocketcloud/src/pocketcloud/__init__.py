"""An AWS account in one process: deploy a synthesized CDK app and run it in virtual time."""

from pocketcloud.apigateway.http_message import Reply
from pocketcloud.cloud import OfflineCloud
from pocketcloud.core.aws_calls import AwsCall, AwsCalls, Crash
from pocketcloud.core.journal import EventRef, Hop, Journal, Kind, MessageDelivery, Undelivered

__all__ = [
    "AwsCall",
    "AwsCalls",
    "Crash",
    "EventRef",
    "Hop",
    "Journal",
    "Kind",
    "MessageDelivery",
    "OfflineCloud",
    "Reply",
    "Undelivered",
]
