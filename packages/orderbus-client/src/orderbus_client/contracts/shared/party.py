# Copied from functions/shared/contracts/party.py by `python -m client_package`: change the original.
"""Names chosen by other parties, kept apart from ours and from each other's."""

import re
from hashlib import sha256
from typing import Annotated

from msgspec import Meta

CustomerId = Annotated[
    str,
    Meta(
        title="CustomerId",
        pattern=r"^[A-Za-z0-9._:@-]{1,128}(?!\n)$",
        description="The customer, as the identity provider or the partner names them.",
        examples=["ada"],
    ),
]
MAXIMUM_ID_CHARACTERS = 128
DERIVED = re.compile("sub-[0-9a-f]{64}")
OF_A_PARTY = re.compile("[0-9]{12}:.*")


def scoped(party: str, name: str) -> str:
    """Return a name that a party chose, prefixed with the party.

    Names of our own account stay as they are. Neither our names nor a party contain the separator: a party's
    name never equals one of ours (docs/decisions/0036-outside-ids-are-scoped-by-sender.md).
    """
    return f"{party}:{name}" if party else name


def customer_of(party: str, customer_id: str) -> str:
    """Return the id of a party's customer, different from our customer's and other parties' of the same id.

    `111122223333:storefront:ada` is `ada` to that storefront. An id that is too long is hashed.
    """
    whole = scoped(party, customer_id)
    is_taken = (DERIVED if party else OF_A_PARTY).fullmatch(customer_id)
    return scoped(party, derived(customer_id)) if is_taken or len(whole) > MAXIMUM_ID_CHARACTERS else whole


def derived(name: str) -> str:
    """Return a hashed customer id for a name that cannot be an id, or that looks like another party's."""
    return f"sub-{sha256(name.encode()).hexdigest()}"
