"""Faults of calls to AWS and to the gateway: before their effect, after it, in part, or late."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from functions.shared.runtime.clients import MAXIMUM_CALL_MS
from pocketcloud import AwsCall, Crash, OfflineCloud
from pocketcloud.awslambda.execution import Execution, TimedOut
from tests.simulation.choices import Choices
from tests.simulation.fault_profile import NO_FAULTS, FaultProfile
from tests.simulation.interleaving import LATE, Interleaving
from tests.simulation.trace import Trace

Response = dict[str, Any]
Proceed = Callable[[], Response]

PREFIX = "orderbus-dev-"
NOTIFICATIONS = "-notifications"
MAXIMUM_WAIT = timedelta(seconds=5)
"""Maximum wait of a function for a response; its client times out after `MAXIMUM_CALL_MS`."""
_IN_PART = {"PutEvents", "BatchGetItem", "BatchWriteItem"}


class Calls:
    """Inject faults into calls and suspend invocations at them; a middleware of the offline cloud."""

    def __init__(
        self, cloud: OfflineCloud, choices: Choices, interleaving: Interleaving, trace: Trace
    ) -> None:
        self._cloud = cloud
        self._choices = choices
        self._interleaving = interleaving
        self._trace = trace
        self.profile: FaultProfile = NO_FAULTS
        self.gateway_down_until: datetime | None = None
        self.newer_schema = False
        self.writes = 0
        """Calls so far; while it stays the same, no function has changed anything."""
        self.emails_at_risk = 0
        """Emails that may be sent twice: their record failed or timed out, or two deliveries ran at once."""
        self._emails: Counter[Execution] = Counter()
        """Emails sent by each invocation; none of them may be recorded yet."""
        self.denied: list[str] = []
        """Calls denied by the role of the function."""

    def __call__(self, call: AwsCall, proceed: Proceed) -> Response:
        self.writes += 1
        if self.profile is NO_FAULTS:
            return self._send(call, proceed, "")
        fault = ""
        try:
            if self.profile.switch_rate and self._choices.chance(self.profile.switch_rate):
                self._suspend()
            fault = self._fault_of(call)
            return self._with_fault(call, proceed, fault)
        finally:
            if call.function.endswith(NOTIFICATIONS) and (fault or self._is_out_of_time()):
                self.emails_at_risk += self._emails[self._invocation()] + (call.operation == "SendEmail")

    def _fault_of(self, call: AwsCall) -> str:
        if is_gateway(call) and self.gateway_down_until and self._cloud.clock.now() < self.gateway_down_until:
            return "gateway down"
        if not self.profile.fault_rate or not self._choices.chance(self.profile.fault_rate):
            return ""
        possible = [fault for fault in self.profile.at_calls if _can_happen(fault, call)]
        return self._choices.one_of(possible) if possible else ""

    def _with_fault(self, call: AwsCall, proceed: Proceed, fault: str) -> Response:
        """Make the call with this fault."""
        if fault in {"throttled", "conflict", "unreachable", "crash before", "gateway down"}:
            self._note(call, fault)
            raise _error_before(fault, call)
        if fault == "zombie":
            self._suspend(past_the_end=True)
        elif fault == "slow":
            self._suspend(lasting=timedelta(seconds=self._choices.seconds(0.5, MAXIMUM_WAIT.total_seconds())))
        elif fault == "gateway late":
            self._later(call, proceed)
        elif fault == "part refused":
            return self._in_part(call, proceed)
        response = self._send(call, proceed, fault)
        if fault == "response lost":
            raise ReadTimeoutError(endpoint_url=call.service)
        if fault == "crash after":
            raise Crash
        return response

    def _send(self, call: AwsCall, proceed: Proceed, fault: str) -> Response:
        self._note(call, fault)
        if self.newer_schema and call.service == "dynamodb":
            _widen(call)
        try:
            response = proceed()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            self._trace.write("aws", _short(call.function), f"{call.operation}: {code}")
            if code.startswith("AccessDenied"):
                self.denied.append(f"{call.function} {call.service}.{call.operation}")
            raise
        if call.function.endswith(NOTIFICATIONS):
            self._follow_email(call, response)
        return response

    def _follow_email(self, call: AwsCall, response: Response) -> None:
        """Count the emails sent, and those that two concurrent deliveries have recorded twice."""
        self._emails[self._invocation()] += call.operation == "SendEmail"
        recorded = {*call.parameters.get("ExpressionAttributeNames", {}).values()}
        self.emails_at_risk += len(recorded & response.get("Attributes", {}).keys())

    def _invocation(self) -> Execution:
        return self._cloud.services.runtime.running()

    def _suspend(self, *, lasting: timedelta = timedelta(), past_the_end: bool = False) -> None:
        execution = self._cloud.services.runtime.running()
        self._interleaving.suspend(lasting=lasting, past_the_end=past_the_end)
        if self._cloud.clock.now() > execution.deadline + LATE:
            raise TimedOut

    def _is_out_of_time(self) -> bool:
        """Return whether too little time is left to record an email that was sent.

        A suspension may last longer than the client of SES would wait.
        """
        deadline = self._cloud.services.runtime.running().deadline
        return self._cloud.clock.now() + timedelta(milliseconds=MAXIMUM_CALL_MS) > deadline

    def _later(self, call: AwsCall, proceed: Proceed) -> None:
        """Deliver the request after its caller has timed out."""
        self._note(call, "gateway late")
        delay = timedelta(seconds=self._choices.seconds(1, 60))
        late = self._cloud.clock.now() + MAXIMUM_WAIT + delay

        def arrive() -> None:
            self.writes += 1
            self._trace.write("gateway", "gateway", "a request arrives late")
            self._trace.saw("a late request to the gateway arrived")
            with suppress(ClientError):
                proceed()

        self._cloud.scheduler.at(late, arrive, label="gateway")
        self._suspend(lasting=MAXIMUM_WAIT)
        raise ReadTimeoutError(endpoint_url="gateway")

    def _in_part(self, call: AwsCall, proceed: Proceed) -> Response:
        """Let the service take only a part of the batch, and report that with HTTP 200."""
        self._note(call, "part refused")
        if call.operation == "PutEvents":
            return self._part_of_the_events(call, proceed)
        requests = call.parameters["RequestItems"]
        if call.operation == "BatchGetItem":
            response = proceed()
            table = next(iter(requests))
            first = response["Responses"].get(table, [])[:1]
            return {"Responses": {table: first}, "UnprocessedKeys": {table: requests[table]}}
        return {"UnprocessedItems": requests}

    def _part_of_the_events(self, call: AwsCall, proceed: Proceed) -> Response:
        entries: list[dict[str, Any]] = call.parameters["Entries"]
        refused = [self._choices.chance(0.5) for _ in entries]
        refused[self._choices.below(len(entries))] = True
        taken = [entry for entry, no in zip(entries, refused, strict=True) if not no]
        entries[:] = taken
        responses_of_taken = iter(proceed()["Entries"] if taken else [])
        failed = {"ErrorCode": "ThrottlingException", "ErrorMessage": "try again"}
        responses = [failed if no else next(responses_of_taken) for no in refused]
        return {"FailedEntryCount": sum(refused), "Entries": responses}

    def _note(self, call: AwsCall, fault: str) -> None:
        target = "gateway" if is_gateway(call) else call.service
        self._trace.write(_short(call.function), target, f"{call.operation} {_about(call)}".rstrip(), fault)


def is_gateway(call: AwsCall) -> bool:
    """Return whether the call goes to the payment provider; the simulated one is a table."""
    return str(call.parameters.get("TableName", "")).endswith("-gateway")


def _can_happen(fault: str, call: AwsCall) -> bool:
    if fault == "conflict":
        return call.operation in {"TransactWriteItems", "PutItem", "UpdateItem"}
    if fault == "part refused":
        return call.operation in _IN_PART
    return fault != "gateway late" or is_gateway(call)


def _error_before(fault: str, call: AwsCall) -> BaseException:
    """Return the error of a call that has no effect."""
    if fault == "crash before":
        return Crash()
    if fault in {"unreachable", "gateway down"}:
        return ConnectTimeoutError(endpoint_url=call.service)
    if call.operation == "TransactWriteItems":
        code = "TransactionConflict" if fault == "conflict" else "ThrottlingError"
        reasons = [{"Code": "None"} for _ in call.parameters["TransactItems"]]
        reasons[-1] = {"Code": code, "Message": "try again"}
        return _cancelled(reasons)
    code = "TransactionConflictException" if fault == "conflict" else "ThrottlingException"
    error = {"Error": {"Code": code, "Message": "try again"}}
    return ClientError(error, call.operation)  # type: ignore[arg-type]  # only the fields that are read


def _cancelled(reasons: list[dict[str, str]]) -> ClientError:
    codes = ", ".join(reason["Code"] for reason in reasons)
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    document: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": message},
        "CancellationReasons": reasons,
    }
    raised: ClientError = _cancellation()(document, "TransactWriteItems")
    return raised


@cache
def _cancellation() -> Callable[[Any, str], ClientError]:
    # From the session that the functions' clients come from: `except client.exceptions.…` compares classes.
    found: Callable[[Any, str], ClientError] = boto3.client(
        "dynamodb"
    ).exceptions.TransactionCanceledException
    return found


def _widen(call: AwsCall) -> None:
    """Add a field to the fact, as a newer producer would."""
    writes = [write.get("Put", {}) for write in call.parameters.get("TransactItems", [])]
    for write in (*writes, call.parameters):
        event = write.get("Item", {}).get("event", {"S": ""})
        if '"added_since":' not in event["S"]:
            event["S"] = event["S"].replace('"data":{', '"data":{"added_since":"1.1",', 1)


def _short(function: str) -> str:
    return function.removeprefix(PREFIX)


def _about(call: AwsCall) -> str:
    """Return the tables of the call, or its number of events."""
    parameters = call.parameters
    if "TransactItems" in parameters:
        tables = [next(iter(item.values()))["TableName"] for item in parameters["TransactItems"]]
    elif "RequestItems" in parameters:
        tables = list(parameters["RequestItems"])
    elif "TableName" in parameters:
        tables = [parameters["TableName"]]
    else:
        return f"{len(parameters['Entries'])} events" if "Entries" in parameters else ""
    return "+".join(_short(table) for table in tables)
