"""Calls of Task states, with the permissions of the state machine's role.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pocketcloud.core.boto_session import shared_session
from pocketcloud.core.engine import Engine
from pocketcloud.core.sdk_names import method_name, without_metadata
from pocketcloud.stepfunctions.execution import MachineExecution
from pocketcloud.stepfunctions.json_text import text_of
from pocketcloud.stepfunctions.resources import TaskResource
from pocketcloud.stepfunctions.state_error import RUNTIME, StateError

_PREFIXES = {
    "dynamodb": ("DynamoDB", "DynamoDb"),
    "events": ("EventBridge", "EventBridge"),
    "lambda": ("Lambda", "Lambda"),
    "sns": ("SNS", "Sns"),
    "sqs": ("SQS", "Sqs"),
}
"""The beginning of the names of errors: of optimized integrations, and of those of the SDK."""
_CLIENTS = {"states": "stepfunctions"}
"""boto3's name of a service that has another one."""
_JSON_MEMBERS = {"events": "Detail", "sns": "Message", "sqs": "MessageBody"}
"""Members that may be objects, which are sent as JSON."""
StartExecution = Callable[[str, Any, str | None], MachineExecution]


class TaskCalls:
    """Calls services for Task states."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._clients: dict[tuple[str, str], Any] = {}

    def run(self, resource: TaskResource, parameters: Any, execution: MachineExecution) -> Any:
        """Make the call; return its result, or raise StateError."""
        role = execution.machine.role_arn
        try:
            client = self._client(resource.service, role)
            if resource.function:
                return _payload(client.invoke(FunctionName=resource.function, Payload=_json(parameters)))
            request = _request(resource, parameters, execution)
            response = getattr(client, method_name(resource.action))(**request)
        except ClientError as error:
            raise _failed(resource, error) from error
        except (BotoCoreError, AttributeError, TypeError) as error:
            raise StateError(RUNTIME, str(error)) from error
        return _result(resource, response)

    def _client(self, service: str, role: str) -> Any:
        if (service, role) not in self._clients:
            client: Any = shared_session().client(_CLIENTS.get(service, service))  # type: ignore[call-overload]  # any service's name
            self._engine.access.act_as(client, role)
            self._clients[service, role] = client
        return self._clients[service, role]


def _request(resource: TaskResource, parameters: Any, execution: MachineExecution) -> dict[str, Any]:
    if resource.is_sdk:
        return dict(parameters)
    if resource.service == "states":
        renamed = {f"{name[0].lower()}{name[1:]}": value for name, value in parameters.items()}
        return {**renamed, "input": text_of(renamed.get("input", {}))}
    if resource.service == "lambda":
        return {**parameters, "Payload": _json(parameters.get("Payload", {}))}
    if resource.service == "events":
        own = [execution.arn, execution.machine.arn]
        entries = [
            {**_with_text(resource, each), "Resources": [*each.get("Resources", ()), *own]}
            for each in parameters["Entries"]
        ]
        return {**parameters, "Entries": entries}
    return _with_text(resource, parameters)


def _with_text(resource: TaskResource, parameters: Mapping[str, Any]) -> dict[str, Any]:
    name = _JSON_MEMBERS.get(resource.service, "")
    value = parameters.get(name)
    return (
        {**parameters, name: text_of(value)}
        if value is not None and not isinstance(value, str)
        else dict(parameters)
    )


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()


def _payload(response: dict[str, Any]) -> Any:
    """Return a function's result; raise its error, whose cause is the whole error document."""
    text = response["Payload"].read()
    payload: Any = json.loads(text) if text else {}
    if "FunctionError" in response:
        raise StateError(str(payload.get("errorType", "Lambda.Unknown")), text_of(payload))
    return payload


def _result(resource: TaskResource, response: dict[str, Any]) -> Any:
    if resource.service == "lambda" and resource.action == "invoke":
        version, status = response.get("ExecutedVersion"), response["StatusCode"]
        return {"ExecutedVersion": version, "Payload": _payload(response), "StatusCode": status}
    shown = without_metadata(response)
    if resource.service == "events" and shown.get("FailedEntryCount"):
        raise StateError("EventBridge.FailedEntry", text_of(shown))
    if resource.service == "states":
        shown = {f"{name[0].upper()}{name[1:]}": value for name, value in shown.items()}
    return _plain(shown)


def _plain(value: Any) -> Any:
    """Return a response as JSON has it."""
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "read"):
        value = value.read()
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _failed(resource: TaskResource, error: ClientError) -> StateError:
    code = error.response["Error"]["Code"].rsplit(".", 1)[-1]
    known = _PREFIXES.get(resource.service, (resource.service.capitalize(),) * 2)
    name = code if code.endswith("Exception") else f"{code}Exception"
    return StateError(f"{known[resource.is_sdk]}.{name}", error.response["Error"]["Message"])
