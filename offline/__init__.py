"""The offline cloud: deploys cdk.out into one process and carries its events, in virtual time."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_MODULES = {
    "calls": ("AwsCall", "AwsCalls", "Crash"),
    "cloud": ("OfflineCloud",),
    "http_message": ("Reply",),
    "journal": ("Delivery", "EventRef", "Hop", "Journal", "Kind", "Undelivered"),
}


def __getattr__(name: str) -> object:
    """Import a public name at its first use: a command that needs one small module does not load moto."""
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"offline.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
