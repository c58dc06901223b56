"""Lambda: moto stores functions, layers and mappings; `Runtime` invokes and `Mappings` polls."""

import json
from base64 import b64encode
from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn
from urllib.parse import unquote
from weakref import WeakKeyDictionary

import moto.awslambda.models
import moto.core.responses
from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse

from pocketcloud.awslambda.async_invocation import AsynchronousInvocations
from pocketcloud.awslambda.event_invoke_configs import EventInvokeConfigs
from pocketcloud.awslambda.function_settings import check_runtime, remember_settings, settings_of
from pocketcloud.awslambda.invocation import InvocationResult
from pocketcloud.awslambda.invocation_request import InvocationRequest
from pocketcloud.awslambda.lambda_context import ClientContext
from pocketcloud.awslambda.mappings import Mappings
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.core.engine import Engine, UnsupportedOfflineError
from pocketcloud.core.identifiers import new_identifier
from pocketcloud.core.journal import event_in
from pocketcloud.moto_patches import function_aliases, function_event_configs, function_mappings
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch

_MAXIMUM_EVENT_BYTES = 1024 * 1024
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_LOG_TAIL_BYTES = 4 * 1024
"""https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"""
_REQUEST_ID = "x-amzn-requestid"
RawResponse = tuple[int, dict[str, str], bytes]


def patches(
    engine: Engine,
    runtime: Runtime,
    mappings: Mappings,
    invocations: AsynchronousInvocations,
    configs: EventInvokeConfigs,
) -> list[MotoPatch]:
    """Return the patches to moto's Lambda."""
    return [
        *_invocation_patches(engine, runtime, invocations),
        _request_id_patch(),
        _error_patch(),
        _code_patch(),
        *_settings_patches(),
        *function_mappings.patches(engine, mappings),
        *function_aliases.patches(),
        *function_event_configs.patches(configs),
    ]


def _invocation_patches(
    engine: Engine, runtime: Runtime, invocations: AsynchronousInvocations
) -> list[MotoPatch]:
    def invoke(response: LambdaResponse, _: Call) -> RawResponse:
        # moto loses the alias, and reads the qualifier in lower case (from the event, too).
        name = unquote(response.path.rsplit("/", 2)[-2])
        qualifier = response.querystring.get("Qualifier", [None])[0]
        invoked = _qualified(response.backend, name, qualifier)
        kind = response.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        if kind == "DryRun":
            return 204, {"status": "204"}, b""
        event = _event(response.body)
        request_id = new_identifier()
        if kind == "Event":
            return _enqueue(invoked, event, request_id)
        passed = _client_context(response)
        result = runtime.invoke(invoked, event, request_id=request_id, client_context=passed)
        headers = {
            "content-type": "application/json",
            "x-amz-executed-version": result.version,
            _REQUEST_ID: request_id,
        }
        if result.error is not None:
            headers["x-amz-function-error"] = "Unhandled"
        if response.headers.get("X-Amz-Log-Type", "None") == "Tail":
            headers["x-amz-log-result"] = _tail(result)
        return 200, headers, json.dumps(result.payload).encode()

    def _enqueue(invoked: str, event: Any, request_id: str) -> RawResponse:
        text = json.dumps(event)
        if len(text.encode()) > _MAXIMUM_EVENT_BYTES:
            raise LambdaClientError(
                "RequestTooLargeException",
                f"{len(text.encode())} byte payload is too large for the Event invocation type"
                f" (limit {_MAXIMUM_EVENT_BYTES} bytes)",
            )
        request = InvocationRequest(invoked, event, text, engine.actor(), event_in(event))
        invocations.enqueue(request, request_id)
        return 202, {"status": "202", _REQUEST_ID: request_id}, b""

    def with_docker(function: LambdaFunction, _: Call) -> NoReturn:
        raise UnsupportedOfflineError(f"{function.function_name}: moto would run it in Docker")

    return [
        MotoPatch(LambdaResponse, "invoke", "self", invoke),
        MotoPatch(LambdaFunction, "_invoke_lambda", "self event", with_docker),
    ]


def _request_id_patch() -> MotoPatch:
    """Keep the id of a response that has one: Invoke returns the id that the function sees."""
    owner: ModuleType = moto.core.responses
    original: Callable[[dict[str, Any] | None], str] = vars(owner)["gen_amzn_requestid_long"]

    def request_id(headerdict: dict[str, Any] | None) -> str:
        return (headerdict or {}).get(_REQUEST_ID) or original(headerdict)

    return MotoPatch(owner, "gen_amzn_requestid_long", "headerdict", request_id, is_direct=True)


def _error_patch() -> MotoPatch:
    initialize = vars(LambdaClientError)["__init__"]

    def init(error: LambdaClientError, call: Call) -> None:
        initialize(error, **call)
        error.description = json.dumps({"Type": "User", "message": error.message})

    return MotoPatch(LambdaClientError, "__init__", "self error message", init)


def _code_patch() -> MotoPatch:
    """Read and hash an object once: each stack publishes the same layer of several megabytes."""
    owner: ModuleType = moto.awslambda.models
    original: Callable[[Any], tuple[Any, ...]] = vars(owner)["_s3_content"]
    read: WeakKeyDictionary[object, tuple[Any, ...]] = WeakKeyDictionary()

    def content(key: object) -> tuple[Any, ...]:
        if key not in read:
            read[key] = original(key)
        return read[key]

    return MotoPatch(owner, "_s3_content", "key", content, is_direct=True)


def _settings_patches() -> list[MotoPatch]:
    create = LambdaBackend.create_function
    update, shown = LambdaFunction.update_configuration, LambdaFunction.get_configuration

    def create_function(backend: LambdaBackend, call: Call) -> LambdaFunction:
        check_runtime(call["spec"])
        function = create(backend, **call)
        remember_settings(backend.get_function(function.function_name), call["spec"])
        return function

    def update_configuration(function: LambdaFunction, call: Call) -> dict[str, Any]:
        check_runtime(call["config_updates"])
        remember_settings(function, call["config_updates"])
        return update(function, **call)

    def get_configuration(function: LambdaFunction, call: Call) -> dict[str, Any]:
        settings, name = settings_of(function), function.function_name
        logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}", **settings.logging}
        dead_letter = {"DeadLetterConfig": settings.dead_letter} if settings.dead_letter else {}
        return {**shown(function, **call), "LoggingConfig": logging, **dead_letter}

    return [
        MotoPatch(LambdaBackend, "create_function", "self spec", create_function),
        MotoPatch(LambdaFunction, "update_configuration", "self config_updates", update_configuration),
        MotoPatch(LambdaFunction, "get_configuration", "self on_create", get_configuration),
    ]


def _qualified(backend: LambdaBackend, name: str, qualifier: str | None) -> str:
    """Return the ARN of the function with the requested qualifier; raise LambdaClientError if unknown."""
    bare, _, own = name.rsplit(":function:", 1)[-1].partition(":")
    chosen = qualifier or own
    backend.get_function(bare, chosen or None)
    arn = backend.get_function(bare).function_arn.rsplit(":function:", 1)[0] + f":function:{bare}"
    return f"{arn}:{chosen}" if chosen else arn


def _client_context(response: LambdaResponse) -> ClientContext | None:
    text = response.headers.get("X-Amz-Client-Context")
    if text is None:
        return None
    try:
        return ClientContext.from_header(text)
    except ValueError as error:
        raise LambdaClientError(
            "InvalidRequestContentException",
            f"Client context must be a valid Base64-encoded JSON object: {error}",
        ) from error


def _tail(result: InvocationResult) -> str:
    """Return the end of the invocation's log in base64."""
    text = "".join(f"{line}\n" for line in result.lines).encode()
    return b64encode(text[-_LOG_TAIL_BYTES:]).decode()


def _event(body: str | bytes) -> object:
    try:
        return json.loads(body or "{}")
    except ValueError as error:
        raise LambdaClientError("InvalidRequestContentException", f"Could not parse: {error}") from error
