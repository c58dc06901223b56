"""The reason why a message failed, in words that are safe in a dead-letter queue and in a log."""

from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyAlreadyInProgressError
from botocore.exceptions import ClientError

from functions.shared.contracts.codec import Rejected, UnknownFactError

FORGERIES = frozenset({"source_unauthorised", "source_mismatch", "origin_unauthorised", "id_collision"})
"""Reasons that point to a forged message rather than to a mistake."""


class NoReactionError(Exception):
    """This version of the consumer has no reaction to the fact; the version that subscribed to it may."""


class NotYetError(Exception):
    """An event that this one depends on has not arrived yet; retry."""


def reason_of(failure: Exception) -> str:
    """Return the reason of a failure as a code."""
    match failure:
        case Rejected():
            return failure.code
        case NotYetError():
            return "precondition_missing"
        case NoReactionError() | UnknownFactError():
            return "no_reaction"
        case IdempotencyAlreadyInProgressError():
            return "in_progress"
        case _:
            return "reaction_failed"


def detail_of(failure: Exception) -> str:
    """Return our own words about a failure: other libraries may quote their input, such as an address."""
    if isinstance(failure, ClientError):
        return f"{failure.operation_name}: {failure.response['Error'].get('Code', 'unknown')}"
    return str(failure) if type(failure).__module__.startswith("functions.") else ""


def is_forgery(failure: Exception) -> bool:
    """Return whether the failure points to a forged message."""
    return isinstance(failure, Rejected) and failure.code in FORGERIES
