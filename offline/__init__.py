"""The offline cloud: deploys cdk.out into one process and carries its events, in virtual time."""

from offline.calls import AwsCall, AwsCalls, Crash
from offline.cloud import OfflineCloud
from offline.http_message import Reply
from offline.journal import Delivery, EventRef, Hop, Journal, Kind, Undelivered

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
