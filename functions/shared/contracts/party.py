"""Names that a party outside chose, kept apart from ours and from other parties'."""

import re
from hashlib import sha256

LONGEST_ID = 128
"""Characters of a customer's id."""
DERIVED = re.compile("sub-[0-9a-f]{64}")
OF_A_PARTY = re.compile("[0-9]{12}:.*")


def scoped(party: str, name: str) -> str:
    """Return a name that a party chose, so that no other party can mean the same by it.

    Names of our own account stay as they are. Neither our names nor a party contain what separates the two:
    a party's name never equals one of ours (docs/decisions/0036-outside-ids-are-scoped-by-sender.md).
    """
    return f"{party}:{name}" if party else name


def customer_of(party: str, customer_id: str) -> str:
    """Return the id of a party's customer, who is neither ours nor another party's of the same id.

    `111122223333:storefront:ada` is `ada` to that storefront. An id too long for that is derived from.
    """
    whole = scoped(party, customer_id)
    is_taken = (DERIVED if party else OF_A_PARTY).fullmatch(customer_id)
    return scoped(party, derived(customer_id)) if is_taken or len(whole) > LONGEST_ID else whole


def derived(name: str) -> str:
    """Return the customer's id for a name that cannot be one, or that looks like another's."""
    return f"sub-{sha256(name.encode()).hexdigest()}"
