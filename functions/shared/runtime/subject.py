"""The customer id for a token's subject, with any characters its issuer uses."""

from typing import Annotated

import msgspec
from msgspec import Meta

from functions.shared.contracts.party import DERIVED, OF_A_PARTY, CustomerId, derived

Subject = Annotated[str, Meta(pattern=r"^[ -~]{1,255}(?!\n)$")]
"""A subject as OpenID Connect defines it: https://openid.net/specs/openid-connect-core-1_0.html#IDToken."""


def customer_named(subject: object) -> str:
    """Return the subject if it can be a customer id, and a hash of it otherwise.

    Auth0's `auth0|…` is hashed, as ids are part of keys, logs and facts. A subject that looks like a hash or
    like a party's id is hashed too, so two subjects never become one customer. Raise msgspec's
    ValidationError if `subject` is not a subject.
    """
    whole = msgspec.convert(subject, Subject)
    try:
        customer_id = msgspec.convert(whole, CustomerId)
    except msgspec.ValidationError:
        return derived(whole)
    is_taken = DERIVED.fullmatch(customer_id) or OF_A_PARTY.fullmatch(customer_id)
    return derived(whole) if is_taken else customer_id
