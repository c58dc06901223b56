"""Lambda: moto stores functions, layers and mappings; `Runtime` invokes and `Mappings` polls."""

import json
from typing import NoReturn

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventSourceMapping, LambdaAlias, LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse

from pocketcloud.awslambda.mapping_access import check_role
from pocketcloud.awslambda.mapping_options import check_mapping, check_options
from pocketcloud.awslambda.mappings import Mappings
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.core.engine import Engine, UnsupportedOfflineError
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch


def patches(engine: Engine, runtime: Runtime, mappings: Mappings) -> list[MotoPatch]:
    """Return the patches to moto's Lambda."""
    return [*_invocation_patches(runtime), *_mapping_patches(engine, mappings), *_alias_patches()]


def _invocation_patches(runtime: Runtime) -> list[MotoPatch]:
    def invoke(function: LambdaFunction, call: Call) -> bytes:
        kind = call["request_headers"].get("x-amz-invocation-type", "RequestResponse")
        if kind != "RequestResponse":
            where = f"Invoke {function.function_name}"
            raise UnsupportedOfflineError(f"{where}: InvocationType {kind} is not supported offline")
        # Pass the ARN: it distinguishes a published version from $LATEST.
        result = runtime.invoke(function.function_arn, _event(call["body"]))
        if result.error is not None:
            call["response_headers"]["x-amz-function-error"] = "Unhandled"
        return json.dumps(result.payload).encode()

    def with_docker(function: LambdaFunction, _: Call) -> NoReturn:
        raise UnsupportedOfflineError(f"{function.function_name}: moto would run it in Docker")

    original = LambdaResponse.invoke

    def invoke_with_qualifier(response: LambdaResponse, _: Call) -> object:
        # moto reads the qualifier in lower case (from the event, too), and otherwise runs $LATEST.
        response.querystring["qualifier"] = response.querystring.get("Qualifier", [None])
        return original(response)

    return [
        MotoPatch(LambdaResponse, "invoke", "self", invoke_with_qualifier),
        MotoPatch(LambdaFunction, "invoke", "self body request_headers response_headers", invoke),
        MotoPatch(LambdaFunction, "_invoke_lambda", "self event", with_docker),
    ]


def _event(body: str | bytes) -> object:
    try:
        return json.loads(body or "{}")
    except ValueError as error:
        raise LambdaClientError("InvalidRequestContentException", f"Could not parse: {error}") from error


def _mapping_patches(engine: Engine, mappings: Mappings) -> list[MotoPatch]:
    create = LambdaBackend.create_event_source_mapping
    update = LambdaBackend.update_event_source_mapping
    delete = LambdaBackend.delete_event_source_mapping

    def create_event_source_mapping(backend: LambdaBackend, call: Call) -> EventSourceMapping:
        options = call["spec"]
        check_options(options["EventSourceArn"], options)
        mapping = create(backend, options)
        try:
            _keep_qualifier(mapping, options["FunctionName"])
            _check_unique(backend, mapping)
            check_mapping(mapping, engine)
            check_role(mapping, engine)
        except LambdaClientError:
            delete(backend, mapping.uuid)
            raise
        mappings.add(mapping)
        return mapping

    def update_event_source_mapping(backend: LambdaBackend, call: Call) -> EventSourceMapping | None:
        mapping = backend.get_event_source_mapping(call["uuid"])
        if mapping is not None:
            check_options(mapping.event_source_arn, call["spec"])
            mapping = update(backend, **call)
        if mapping is not None:
            _keep_qualifier(mapping, call["spec"].get("FunctionName", ""))
            check_mapping(mapping, engine)
        return mapping

    def delete_event_source_mapping(backend: LambdaBackend, call: Call) -> EventSourceMapping | None:
        mappings.remove(call["uuid"])
        return delete(backend, call["uuid"])

    return [
        MotoPatch(LambdaBackend, "create_event_source_mapping", "self spec", create_event_source_mapping),
        MotoPatch(
            LambdaBackend, "update_event_source_mapping", "self uuid spec", update_event_source_mapping
        ),
        MotoPatch(LambdaBackend, "delete_event_source_mapping", "self uuid", delete_event_source_mapping),
    ]


def _alias_patches() -> list[MotoPatch]:
    create, update = LambdaBackend.create_alias, LambdaBackend.update_alias

    def create_alias(backend: LambdaBackend, call: Call) -> LambdaAlias:
        _reject_weights(call)
        return create(backend, **call)

    def update_alias(backend: LambdaBackend, call: Call) -> LambdaAlias:
        _reject_weights(call)
        return update(backend, **call)

    parameters = "self name function_name function_version description routing_config"
    return [
        MotoPatch(LambdaBackend, "create_alias", parameters, create_alias),
        MotoPatch(LambdaBackend, "update_alias", parameters, update_alias),
    ]


def _reject_weights(call: Call) -> None:
    if (call["routing_config"] or {}).get("AdditionalVersionWeights"):
        where = f"{call['function_name']}:{call['name']}"
        raise UnsupportedOfflineError(f"alias {where}: AdditionalVersionWeights are not supported offline")


def _keep_qualifier(mapping: EventSourceMapping, function_name: str) -> None:
    """Make a mapping to an alias follow the alias; moto pins it to the alias's current version."""
    _, qualified, qualifier = function_name.rsplit(":function:", 1)[-1].partition(":")
    if qualified:
        unqualified = mapping.function_arn.split(":")[:7]
        mapping.function_arn = ":".join((*unqualified, qualifier))


def _check_unique(backend: LambdaBackend, mapping: EventSourceMapping) -> None:
    of_source = backend.list_event_source_mappings(mapping.event_source_arn, "")
    same = [other for other in of_source if other.function_arn == mapping.function_arn]
    if len(same) > 1:
        raise LambdaClientError(
            "ResourceConflictException",
            "An event source mapping with this source and function exists already.",
        )
