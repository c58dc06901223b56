"""Which orders are in the sample whose successes are logged."""

import hashlib


def sample_position(correlation_id: str, *, salt: str) -> float:
    """Return a number from 0 to 1 for an order: it is in every sample of a larger share.

    All functions of a stage have the same salt, so they agree. No client has it, so none chooses what is logged.
    """
    digest = hashlib.sha256(f"{salt}|{correlation_id}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
