"""`topics:publish` of Pub/Sub: all messages of a request, or none.

https://docs.cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/publish
"""

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

from functions.pubsub.access_token import NotGrantedError, access_tokens
from functions.pubsub.http import NoResponseError, post
from functions.shared.runtime.deadline import OutOfTimeError
from functions.shared.runtime.environment import required

Message = Mapping[str, Any]
"""A PubsubMessage: `data` in base64, `attributes` and `orderingKey`."""


class Published(Enum):
    """The result for one message."""

    ACCEPTED = auto()
    LATER = auto()
    """The same request may succeed later, or after an operator's change."""
    INVALID = auto()
    """Pub/Sub will never accept the message."""


def publish(topic: str, messages: Sequence[Message]) -> list[tuple[Published, str]]:
    """Publish the messages; return the result of each, with the reason, in the same order.

    A request with one invalid message fails as a whole, so each of its messages is then sent by itself.
    """
    outcome, reason = _request(topic, messages)
    if outcome is Published.INVALID and len(messages) > 1:
        return [_request(topic, [message]) for message in messages]
    return [(outcome, reason)] * len(messages)


def _request(topic: str, messages: Sequence[Message]) -> tuple[Published, str]:
    try:
        status = _post(topic, messages)
        if status == HTTPStatus.UNAUTHORIZED:
            # Revoked before its time, or the keys of the service changed: once more with another token.
            access_tokens().reject()
            status = _post(topic, messages)
    except (NoResponseError, NotGrantedError, OutOfTimeError) as error:
        return Published.LATER, f"{type(error).__name__}: {error}"
    if status == HTTPStatus.OK:
        return Published.ACCEPTED, ""
    reason = f"{topic} returned status {status}"
    return (Published.INVALID if status == HTTPStatus.BAD_REQUEST else Published.LATER), reason


def _post(topic: str, messages: Sequence[Message]) -> int:
    authorization = {"Authorization": f"Bearer {access_tokens().current()}"}
    url = f"{required('PUBSUB_URL')}/v1/{topic}:publish"
    return post(url, {"messages": messages}, authorization).status
