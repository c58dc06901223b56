"""Access-denied errors as boto3 raises them, with each service's own code and message.

The codes and messages are taken from reports of real accounts.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from pocketcloud.iam.access import AccessControl
from pocketcloud.iam.access_request import AccountRegion
from pocketcloud.iam.audit import Denial
from pocketcloud.iam.events_actions import bus_of
from pocketcloud.iam.principals import Principal

Response = dict[str, Any]
Send = Callable[[Mapping[str, Any]], Response]

_CODES = {
    **dict.fromkeys(("cloudformation", "cloudwatch", "iam", "s3", "sqs", "sts"), "AccessDenied"),
    "sns": "AuthorizationError",
}
_KEY_CODES = {
    "kinesis": "KMSAccessDeniedException",
    "sns": "KMSAccessDenied",
    "sqs": "KMS.AccessDeniedException",
}
"""The codes of services that distinguish a denial of the key from one of the call."""
_HAVE_POLICIES = frozenset({"events", "iam", "kms", "lambda", "s3", "secretsmanager", "sns", "sqs"})
_CHANGES_NO_POLICY = re.compile(
    "(Describe|Get|Head|List|Test)[A-Z].*|(Send|Delete)Message(Batch)?|ChangeMessageVisibility(Batch)?"
    "|Invoke|Publish|PublishBatch|PurgeQueue|PutEvents|ReceiveMessage|(Delete|Put)Object"
    "|(Start|Cancel)(MessageMoveTask|Replay)"
)
"""Reads, and frequent writes of data; any other call of these services may change a policy."""
_BAD_REQUEST = frozenset({"dynamodb", "events", "logs", "secretsmanager", "ssm"})
"""Services that return status 400 for every denial."""
_WITHOUT_BODY = frozenset({"HeadBucket", "HeadObject"})
"""Operations whose errors have no body, so that boto3 finds the status alone."""


@dataclass(frozen=True, slots=True)
class CallAttempt:
    """An AWS call before authorization."""

    principal: Principal
    client: BaseClient
    operation: str
    parameters: Mapping[str, Any]

    @property
    def service(self) -> str:
        """Boto3's name of the service."""
        return self.client.meta.service_model.service_name

    @property
    def prefix(self) -> str:
        """The beginning of the names of the service's actions."""
        return self.client.meta.service_model.signing_name


def run_if_permitted(access: AccessControl, attempt: CallAttempt, send: Send) -> Response:
    """Make the call if the principal may; otherwise raise the service's access-denied error."""
    parameters = attempt.parameters
    denials = access.authorize_call(
        attempt.principal, attempt.service, attempt.operation, parameters, prefix=attempt.prefix
    )
    if not denials:
        return send(parameters)
    if attempt.operation == "PutEvents":
        denied = {denial.resource: denial for denial in denials}
        if any(bus_of(access.location, entry) not in denied for entry in parameters["Entries"]):
            return _put_permitted_entries(access.location, parameters, denied, send)
    raise _error(attempt, denials[0])


def run_as_administrator(
    access: AccessControl, client: BaseClient, operation: str, send: Callable[[], Response]
) -> Response:
    """Make the administrator's call; drop cached policies if it may have changed one."""
    response = send()
    service = client.meta.service_model.service_name
    if service in _HAVE_POLICIES and not _CHANGES_NO_POLICY.fullmatch(operation):
        access.forget()
    return response


def _put_permitted_entries(
    location: AccountRegion, parameters: Mapping[str, Any], denied: Mapping[str, Denial], send: Send
) -> Response:
    """Put the entries of permitted buses; return an error entry in place of each denied one.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
    """
    entries: Sequence[Mapping[str, Any]] = parameters["Entries"]
    permitted = [entry for entry in entries if bus_of(location, entry) not in denied]
    response = send({**parameters, "Entries": permitted})
    remaining, results = iter(response["Entries"]), []
    for entry in entries:
        denial = denied.get(bus_of(location, entry))
        results.append(_entry(denial) if denial else next(remaining))
    failed = response["FailedEntryCount"] + len(entries) - len(permitted)
    return {**response, "Entries": results, "FailedEntryCount": failed}


def _entry(denial: Denial) -> Response:
    return {"ErrorCode": "AccessDeniedException", "ErrorMessage": str(denial)}


def _error(attempt: CallAttempt, denial: Denial) -> ClientError:
    status, code, message = denial_response(attempt.service, denial)
    if attempt.operation in _WITHOUT_BODY:
        code, message = str(status), "Forbidden"
    response: Any = {
        "Error": {"Code": code, "Message": message, "Type": "Sender"},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0},
    }
    kind: Any = attempt.client.exceptions.from_code(code)
    error: ClientError = kind(response, attempt.operation)
    return error


def denial_response(service: str, denial: Denial) -> tuple[int, str, str]:
    """Return the status, the code and the message with which the service responds."""
    if denial.action.startswith("kms:") and service in _KEY_CODES:
        return HTTPStatus.BAD_REQUEST.value, _KEY_CODES[service], str(denial)
    status = HTTPStatus.BAD_REQUEST if service in _BAD_REQUEST else HTTPStatus.FORBIDDEN
    return status.value, _CODES.get(service, "AccessDeniedException"), _message(service, denial)


def _message(service: str, denial: Denial) -> str:
    """Return the denial's message in the service's own spelling."""
    prefix, _, name = denial.action.partition(":")
    if service == "sqs":
        return str(denial).replace(denial.action, denial.action.lower())
    if service == "sns":
        return str(denial).replace(denial.action, f"{prefix.upper()}:{name}")
    if service == "s3":
        return str(denial).replace(denial.resource, f'"{denial.resource}"', 1)
    if service == "sesv2":
        who, what, where = denial.principal.name, denial.action, denial.resource
        return f"User `{who}' is not authorized to perform `{what}' on resource `{where}'"
    return str(denial)
