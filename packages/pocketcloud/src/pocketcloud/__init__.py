"""The offline cloud: deploys cdk.out into one process and carries its events, in virtual time."""

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
