"""Receipt handles: opaque texts that hold a message id and a random part."""

import base64
import binascii

from moto.moto_api._internal import mock_random

from pocketcloud.core.identifiers import identifier_of

_ID_BYTES, _RANDOM_BYTES = 16, 32


def new_handle(message_id: str) -> str:
    """Return a new handle of the message."""
    content = bytes.fromhex(message_id.replace("-", "")) + mock_random.randbytes(_RANDOM_BYTES)
    return base64.b64encode(content).decode()


def message_of(handle: str) -> str | None:
    """Return the message id in a handle; None for an invalid handle."""
    try:
        content = base64.b64decode(handle, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(content) != _ID_BYTES + _RANDOM_BYTES:
        return None
    return identifier_of(int.from_bytes(content[:_ID_BYTES]))
