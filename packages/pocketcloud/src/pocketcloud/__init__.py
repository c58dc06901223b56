"""An AWS account in one process: deploy a synthesized CDK app and run it in virtual time."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_MODULES = {
    "apigateway.http_message": ("Reply",),
    "cloud": ("OfflineCloud",),
    "core.aws_calls": ("AwsCall", "AwsCalls", "Crash"),
    "core.journal": ("EventRef", "Hop", "Journal", "Kind", "MessageDelivery", "Undelivered"),
}


def __getattr__(name: str) -> object:
    """Import a public name at its first use: a program that needs one small module does not load moto."""
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"pocketcloud.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
