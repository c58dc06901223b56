"""The mails that functions have sent through SES."""

from collections.abc import Sequence
from dataclasses import dataclass

from moto.ses.models import SESBackend, ses_backends


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was handed to SES."""

    sender: str
    to: tuple[str, ...]
    subject: str
    body: str


def sent_mails(account: str, region: str) -> Sequence[Mail]:
    """All mails, the oldest first."""
    return [
        Mail(
            message.source, tuple(message.destinations.get("ToAddresses", ())), message.subject, message.body
        )
        for message in _backend(account, region).sent_messages
    ]


def forget_mails(account: str, region: str) -> None:
    """Begin an empty outbox."""
    _backend(account, region).sent_messages.clear()


def _backend(account: str, region: str) -> SESBackend:
    return ses_backends[account][region]
