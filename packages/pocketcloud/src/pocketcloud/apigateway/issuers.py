"""Whose tokens can be verified: the public keys of every issuer the offline cloud knows."""

import re
from collections.abc import Mapping

from joserfc.jwk import Key, KeySet, KeySetSerialization
from moto.cognitoidp.models import CognitoIdpUserPool, cognitoidp_backends

from pocketcloud.core.engine import ACCOUNT

_COGNITO = re.compile(r"https://cognito-idp\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<pool>[\w-]+)")


class UnknownIssuerError(LookupError):
    """Nobody gave the offline cloud the keys of this issuer."""


def public_keys(issuer: str, given: Mapping[str, KeySetSerialization]) -> list[Key]:
    """The issuer's signing keys: those given, or those of the Cognito user pool that moto holds."""
    if issuer in given:
        return list(KeySet.import_key_set(given[issuer]).keys)
    pool = user_pool(issuer)
    if pool is None:
        raise UnknownIssuerError(f"no keys are known of the issuer {issuer}")
    return [pool.json_web_key]


def user_pool(issuer: str) -> CognitoIdpUserPool | None:
    """The deployed Cognito user pool behind an issuer, if it is one."""
    cognito = _COGNITO.fullmatch(issuer)
    if cognito is None:
        return None
    return cognitoidp_backends[ACCOUNT][cognito["region"]].user_pools.get(cognito["pool"])


def name_subject(pool: CognitoIdpUserPool, username: str, subject: str) -> None:
    """Let the user's `sub` be `subject`, so that a log names the customer instead of a random UUID."""
    # No API of Cognito's sets `sub`: this reaches into moto.
    # With e-mail as its alias, moto files a user under a random name.
    users = pool.users.values()
    user = next(user for user in users if username in (user.username, user.attribute_lookup.get("email")))
    user.id = subject
    user.update_attributes([{"Name": "sub", "Value": subject}])
