"""Aliases: moto stores them, `routed_function` follows their weights."""

from moto.awslambda.models import LambdaAlias, LambdaBackend

from pocketcloud.awslambda.alias_routing import check_weights
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch


def patches() -> list[MotoPatch]:
    """Return the patches to moto's aliases."""
    create, update = LambdaBackend.create_alias, LambdaBackend.update_alias

    def create_alias(backend: LambdaBackend, call: Call) -> LambdaAlias:
        check_weights(backend, call["function_name"], call["function_version"], call["routing_config"])
        return create(backend, **call)

    def update_alias(backend: LambdaBackend, call: Call) -> LambdaAlias:
        existing = backend.get_alias(call["name"], call["function_name"])
        version = call["function_version"] or existing.function_version
        check_weights(backend, call["function_name"], version, call["routing_config"])
        return update(backend, **call)

    parameters = "self name function_name function_version description routing_config"
    return [
        MotoPatch(LambdaBackend, "create_alias", parameters, create_alias),
        MotoPatch(LambdaBackend, "update_alias", parameters, update_alias),
    ]
