"""Emails sent through SES."""

from collections.abc import Sequence
from dataclasses import dataclass

from moto.ses.models import SESBackend, ses_backends


@dataclass(frozen=True, slots=True)
class SentMail:
    """One email sent through SES."""

    sender: str
    to: tuple[str, ...]
    subject: str
    body: str


def sent_mails(account: str, region: str) -> Sequence[SentMail]:
    """Return all sent emails, oldest first."""
    return [
        SentMail(
            message.source, tuple(message.destinations.get("ToAddresses", ())), message.subject, message.body
        )
        for message in _backend(account, region).sent_messages
    ]


def clear_mails(account: str, region: str, *, keep: int = 0) -> None:
    """Delete all sent emails but the latest."""
    sent = _backend(account, region).sent_messages
    del sent[: max(0, len(sent) - keep)]


def _backend(account: str, region: str) -> SESBackend:
    return ses_backends[account][region]
