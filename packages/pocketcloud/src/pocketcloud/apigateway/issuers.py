"""The public keys of token issuers."""

import re
from collections.abc import Mapping

from joserfc.jwk import Key, KeySet, KeySetSerialization
from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPool, cognitoidp_backends

from pocketcloud.core.engine import ACCOUNT

_COGNITO = re.compile(r"https://cognito-idp\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<pool>[\w-]+)")


class UnknownIssuerError(LookupError):
    """The issuer's public keys are unknown."""


def public_keys(issuer: str, given: Mapping[str, KeySetSerialization]) -> list[Key]:
    """Return the issuer's signing keys: those given, or those of a deployed Cognito user pool."""
    if issuer in given:
        return list(KeySet.import_key_set(given[issuer]).keys)
    pool = user_pool(issuer)
    if pool is None:
        raise UnknownIssuerError(f"the keys of issuer {issuer} are unknown")
    return [pool.json_web_key]


def user_pool(issuer: str) -> CognitoIdpUserPool | None:
    """Return the issuer's deployed Cognito user pool, if it is one."""
    cognito = _COGNITO.fullmatch(issuer)
    if cognito is None:
        return None
    return cognitoidp_backends[ACCOUNT][cognito["region"]].user_pools.get(cognito["pool"])


def pool_issuer(arn: str) -> str:
    """Return the issuer of a user pool's tokens."""
    return f"https://cognito-idp.{arn.split(':')[3]}.amazonaws.com/{arn.rpartition('/')[2]}"


def name_subject(user: CognitoIdpUser, subject: str) -> None:
    """Set the user's `sub`, so that logs show a name instead of a random UUID."""
    # Cognito's API cannot set `sub`, so this changes moto's store.
    user.id = subject
    user.update_attributes([{"Name": "sub", "Value": subject}])
