"""What went wrong with a message, in words that are safe on a dead letter and in a log."""

from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyAlreadyInProgressError
from botocore.exceptions import ClientError

from functions.shared.contracts.codec import Rejected

FORGERIES = frozenset({"source_unauthorised", "source_mismatch", "origin_unauthorised", "id_collision"})
"""Reasons that say that somebody passes for another, rather than that somebody made a mistake."""


class NotYetError(Exception):
    """What the event builds on has not come yet; it will, so let the event come again."""


def reason_of(failure: Exception) -> str:
    """Why it failed, as a code: one that `Rejected` brings, or what there was to wait for."""
    match failure:
        case Rejected():
            return failure.code
        case NotYetError():
            return "precondition_missing"
        case IdempotencyAlreadyInProgressError():
            return "in_progress"
        case _:
            return "reaction_failed"


def detail_of(failure: Exception) -> str:
    """The failure in words of our own: others may quote what they were given, such as an address."""
    if isinstance(failure, ClientError):
        return f"{failure.operation_name}: {failure.response['Error'].get('Code', 'unknown')}"
    return str(failure) if type(failure).__module__.startswith("functions.") else ""


def is_forgery(failure: Exception) -> bool:
    """Whether somebody ought to be told of it at once."""
    return isinstance(failure, Rejected) and failure.code in FORGERIES
