"""Choose the message of a protocol when Publish sends one per protocol.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

import json

from pocketcloud.core.delivery import DeliveryError

_DEFAULT = "default"
_INVALID = "Invalid parameter: Message Structure - "


def message_for(protocol: str, message: str) -> str:
    """Return the protocol's text, or the default; raise DeliveryError if SNS rejects the message."""
    try:
        texts = json.loads(message)
    except ValueError as error:
        raise DeliveryError("SDK_CLIENT_ERROR", f"{_INVALID}JSON message body failed to parse") from error
    if not isinstance(texts, dict) or not isinstance(texts.get(_DEFAULT), str):
        raise DeliveryError("SDK_CLIENT_ERROR", f"{_INVALID}No default entry in JSON message body")
    # SNS ignores a protocol's entry that is no text.
    chosen = texts.get(protocol)
    return chosen if isinstance(chosen, str) else str(texts[_DEFAULT])
