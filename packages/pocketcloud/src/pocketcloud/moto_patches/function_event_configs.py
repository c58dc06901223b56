"""Settings of asynchronous invocations; moto ignores their qualifiers and keeps the first."""

from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from moto.awslambda.responses import LambdaResponse
from moto.core.responses import ActionResult

from pocketcloud.awslambda.event_invoke_configs import EventInvokeConfigs
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch

_SUFFIX = "/event-invoke-config"


def patches(configs: EventInvokeConfigs) -> list[MotoPatch]:
    """Return the patches to moto's event invoke configs."""

    def put(response: LambdaResponse, _: Call) -> ActionResult:
        return ActionResult(configs.put(_name(response), response.json_body))

    def update(response: LambdaResponse, _: Call) -> ActionResult:
        return ActionResult(configs.update(_name(response), response.json_body))

    def get(response: LambdaResponse, _: Call) -> ActionResult:
        return ActionResult(configs.show(_name(response)))

    def delete(response: LambdaResponse, _: Call) -> tuple[int, dict[str, Any], str]:
        configs.delete(_name(response))
        return HTTPStatus.NO_CONTENT, {"status": HTTPStatus.NO_CONTENT}, ""

    def list_all(response: LambdaResponse, _: Call) -> ActionResult:
        return ActionResult({"FunctionEventInvokeConfigs": configs.list_of(_name(response))})

    return [
        MotoPatch(LambdaResponse, "put_function_event_invoke_config", "self", put),
        MotoPatch(LambdaResponse, "update_function_event_invoke_config", "self", update),
        MotoPatch(LambdaResponse, "get_function_event_invoke_config", "self", get),
        MotoPatch(LambdaResponse, "delete_function_event_invoke_config", "self", delete),
        MotoPatch(LambdaResponse, "list_function_event_invoke_configs", "self", list_all),
    ]


def _name(response: LambdaResponse) -> str:
    """Return the function's name or ARN, with the request's qualifier."""
    name = unquote(response.path.partition("/functions/")[2].partition(_SUFFIX)[0])
    qualifier = response.querystring.get("Qualifier", [None])[0]
    return f"{name}:{qualifier}" if qualifier else name
