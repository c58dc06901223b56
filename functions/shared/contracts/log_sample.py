"""The sample of orders whose successes are logged."""

import hashlib


def sample_position(correlation_id: str, *, salt: str) -> float:
    """Return an order's number, at least 0 and below 1: the order is in every sample of a larger share.

    All functions of a stage have the same salt, so they agree; no client has it, so none can choose.
    """
    digest = hashlib.sha256(f"{salt}|{correlation_id}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
