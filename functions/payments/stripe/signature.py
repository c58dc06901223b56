"""Stripe's webhook signatures, which prove the origin of a notification.

https://docs.stripe.com/webhooks#verify-manually
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

TOLERANCE = timedelta(minutes=5)
"""Maximum age of a signature, against replay attacks."""


class ForgedError(Exception):
    """The signature is missing, wrong or too old."""


def verify(header: str, body: bytes, *, secret: str, now: datetime) -> None:
    """Raise `ForgedError` unless one of the signatures is ours, of just this body, and fresh."""
    parts = [part.partition("=")[::2] for part in header.split(",")]
    times = [value for name, value in parts if name == "t"]
    if len(times) != 1 or not re.fullmatch("[0-9]{1,11}", times[0]):
        raise ForgedError("it says not when it was signed")
    if abs(now - datetime.fromtimestamp(int(times[0]), UTC)) > TOLERANCE:
        raise ForgedError("it was signed too long ago")
    signed = hmac.new(secret.encode(), b"%s.%s" % (times[0].encode(), body), hashlib.sha256).hexdigest()
    # Stripe sends several while a secret is rotated; compare each in constant time.
    ours = [hmac.compare_digest(signed.encode(), value.encode()) for name, value in parts if name == "v1"]
    if not any(ours):
        raise ForgedError("it is not signed with our secret")
