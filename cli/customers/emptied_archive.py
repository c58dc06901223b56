"""Empty the archive of the event bus: EventBridge can delete an archive, and no event in it."""

from typing import Any

from cli.core.account import Account

SETTINGS = (
    "ArchiveName",
    "EventSourceArn",
    "Description",
    "EventPattern",
    "RetentionDays",
    "KmsKeyIdentifier",
)
"""Fields of DescribeArchive's response that CreateArchive accepts.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateArchive.html
"""


def kept_days(account: Account) -> int:
    """Return how long the archive keeps events; 0 is for ever."""
    archive = account.client("events").describe_archive(ArchiveName=account.names.event_archive)
    return archive.get("RetentionDays", 0)


def empty_archive(account: Account) -> None:
    """Delete the archive, and make it again with its name and settings.

    The event log has every event. What is lost is that `orderbus restore events` reaches back.
    """
    events, name = account.client("events"), account.names.event_archive
    described: Any = events.describe_archive(ArchiveName=name)
    events.delete_archive(ArchiveName=name)
    events.create_archive(**{each: described[each] for each in SETTINGS if described.get(each)})
