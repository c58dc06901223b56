"""The version of a function that an invocation by name, version or alias runs.

https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
"""

import random

from moto.awslambda.exceptions import LambdaClientError, UnknownAliasException
from moto.awslambda.models import LambdaBackend, LambdaFunction

_MAXIMUM_VERSIONS = 2


def routed_function(backend: LambdaBackend, name: str, chance: random.Random) -> LambdaFunction:
    """Return the function or version; choose between the versions of a weighted alias by chance."""
    function, _, qualifier = name.rsplit(":function:", 1)[-1].partition(":")
    weights = _weights(backend, function, qualifier)
    if weights:
        draw = chance.random()
        for version, weight in weights.items():
            if draw < weight:
                return backend.get_function(function, version)
            draw -= weight
    return backend.get_function(name)


def check_weights(backend: LambdaBackend, function: str, main_version: str, request: object) -> None:
    """Raise LambdaClientError for weights that Lambda rejects."""
    weights = (request.get("AdditionalVersionWeights") if isinstance(request, dict) else None) or {}
    if len(weights) >= _MAXIMUM_VERSIONS or not all(0 <= weight <= 1 for weight in weights.values()):
        raise _invalid("Additional version weights must name one version with a weight from 0 to 1")
    for version in weights:
        if "$LATEST" in {version, main_version}:
            raise _invalid("$LATEST is not supported for an alias pointing to more than 1 version")
        backend.get_function(function, version)


def _weights(backend: LambdaBackend, function: str, qualifier: str) -> dict[str, float]:
    if not qualifier or qualifier.isdigit() or qualifier.startswith("$"):
        return {}
    try:
        routing: object = backend.get_alias(qualifier, function).routing_config
    except UnknownAliasException:
        return {}
    found: dict[str, float] = (
        routing.get("AdditionalVersionWeights") if isinstance(routing, dict) else {}
    ) or {}
    return found


def _invalid(message: str) -> LambdaClientError:
    return LambdaClientError("InvalidParameterValueException", message)
