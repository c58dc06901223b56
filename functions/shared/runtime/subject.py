"""Which customer of ours a token's subject is, whatever characters its issuer uses."""

from typing import Annotated

import msgspec
from msgspec import Meta

from functions.contracts.values import CustomerId
from functions.shared.contracts.party import DERIVED, OF_A_PARTY, derived

Subject = Annotated[str, Meta(pattern=r"^[ -~]{1,255}(?!\n)$")]
"""All that an issuer may say: https://openid.net/specs/openid-connect-core-1_0.html#IDToken."""


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
        return derived(whole)
    is_taken = DERIVED.fullmatch(fitting) or OF_A_PARTY.fullmatch(fitting)
    return derived(whole) if is_taken else fitting
