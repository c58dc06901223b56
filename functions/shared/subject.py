"""Which customer of ours a token's subject is, whatever characters its issuer uses."""

import re
from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta

from functions.shared.contracts.envelope import scoped
from functions.shared.contracts.values import CustomerId

Subject = Annotated[str, Meta(pattern=r"^[ -~]{1,255}(?!\n)$")]
"""All that an issuer may say: https://openid.net/specs/openid-connect-core-1_0.html#IDToken."""
_DERIVED = re.compile("sub-[0-9a-f]{64}")
LONGEST_ID = 128
_OF_A_PARTY = re.compile("[0-9]{12}:.*")


def customer_named(subject: object) -> str:
    """The subject itself where it can be a customer's id, else one derived from it, the same each time.

    Auth0's `auth0|…` cannot: ids stand in keys, in logs and in facts that others read. No two subjects are
    one customer, so that one which looks derived is derived from as well. Raises msgspec's ValidationError
    for what is no subject.
    """
    whole = msgspec.convert(subject, Subject)
    try:
        fitting = msgspec.convert(whole, CustomerId)
    except msgspec.ValidationError:
        return _derived(whole)
    is_taken = _DERIVED.fullmatch(fitting) or _OF_A_PARTY.fullmatch(fitting)
    return _derived(whole) if is_taken else fitting


def customer_of(party: str, customer_id: str) -> str:
    """Return the id of a party's customer, who is neither ours nor another party's of the same id.

    `111122223333:storefront:ada` is `ada` to that storefront. An id too long for that is derived from.
    """
    whole = scoped(party, customer_id)
    is_taken = (_DERIVED if party else _OF_A_PARTY).fullmatch(customer_id)
    return scoped(party, _derived(customer_id)) if is_taken or len(whole) > LONGEST_ID else whole


def _derived(subject: str) -> str:
    return f"sub-{sha256(subject.encode()).hexdigest()}"
