"""How each service says that something is not allowed, in boto3's form.

The codes and sentences are those that clients of real accounts have reported.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from pocketcloud.iam.access import AccessControl, Denial
from pocketcloud.iam.access_request import AccountRegion
from pocketcloud.iam.events_actions import bus_of
from pocketcloud.iam.principals import Principal

Response = dict[str, Any]
Send = Callable[[Mapping[str, Any]], Response]

_CODES = {"cloudwatch": "AccessDenied", "sqs": "AccessDenied", "sns": "AuthorizationError"}
_HAVE_POLICIES = frozenset({"events", "iam", "lambda", "secretsmanager", "sns", "sqs"})
_CHANGES_NO_POLICY = frozenset({"PutEvents", "GetQueueUrl", "ReceiveMessage", "SendMessage", "Publish"})
"""What an administrator does often; all else that these services do may have changed a policy."""
_BAD_REQUEST = frozenset({"dynamodb", "events", "logs", "secretsmanager", "ssm"})
"""Services whose protocol answers every refusal with 400."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call that somebody wants to make."""

    principal: Principal
    client: BaseClient
    operation: str
    parameters: Mapping[str, Any]

    @property
    def service(self) -> str:
        """The service's name, as boto3 has it."""
        return self.client.meta.service_model.service_name


def permitted(access: AccessControl, attempt: Attempt, send: Send) -> Response:
    """The answer to the call if the principal may make it, or the service's refusal."""
    parameters = attempt.parameters
    denials = access.ask_call(attempt.principal, attempt.service, attempt.operation, parameters)
    if not denials:
        return send(parameters)
    if attempt.operation == "PutEvents":
        refused = {denial.resource: denial for denial in denials}
        if any(bus_of(access.home, entry) not in refused for entry in parameters["Entries"]):
            return _without_refused(access.home, parameters, refused, send)
    raise _error(attempt, denials[0])


def administered(
    access: AccessControl, client: BaseClient, operation: str, send: Callable[[], Response]
) -> Response:
    """The answer to the administrator, who may do anything and change everybody's permissions by it."""
    answer = send()
    service = client.meta.service_model.service_name
    if service in _HAVE_POLICIES and operation not in _CHANGES_NO_POLICY:
        access.forget()
    return answer


def _without_refused(
    home: AccountRegion, parameters: Mapping[str, Any], refused: Mapping[str, Denial], send: Send
) -> Response:
    """Only the other buses' entries are put; the refused ones say so, each in its place.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
    """
    entries: Sequence[Mapping[str, Any]] = parameters["Entries"]
    admitted = [entry for entry in entries if bus_of(home, entry) not in refused]
    answer = send({**parameters, "Entries": admitted})
    results, told = iter(answer["Entries"]), []
    for entry in entries:
        denial = refused.get(bus_of(home, entry))
        told.append(_entry(denial) if denial else next(results))
    failed = answer["FailedEntryCount"] + len(entries) - len(admitted)
    return {**answer, "Entries": told, "FailedEntryCount": failed}


def _entry(denial: Denial) -> Response:
    return {"ErrorCode": "AccessDeniedException", "ErrorMessage": str(denial)}


def _error(attempt: Attempt, denial: Denial) -> ClientError:
    code = _CODES.get(attempt.service, "AccessDeniedException")
    status = HTTPStatus.BAD_REQUEST if attempt.service in _BAD_REQUEST else HTTPStatus.FORBIDDEN
    response: Any = {
        "Error": {"Code": code, "Message": _sentence(attempt.service, denial), "Type": "Sender"},
        "ResponseMetadata": {"HTTPStatusCode": status.value, "HTTPHeaders": {}, "RetryAttempts": 0},
    }
    kind: Any = attempt.client.exceptions.from_code(code)
    error: ClientError = kind(response, attempt.operation)
    return error


def _sentence(service: str, denial: Denial) -> str:
    """The sentence with the service's own spelling of its actions."""
    prefix, _, name = denial.action.partition(":")
    if service == "sqs":
        return str(denial).replace(denial.action, denial.action.lower())
    if service == "sns":
        return str(denial).replace(denial.action, f"{prefix.upper()}:{name}")
    if service == "sesv2":
        who, what, where = denial.principal.name, denial.action, denial.resource
        return f"User `{who}' is not authorized to perform `{what}' on resource `{where}'"
    return str(denial)
