"""Step Functions' API.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from moto.core.exceptions import JsonRESTError

from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.core.pages import InvalidTokenError, page_of
from pocketcloud.stepfunctions.definition import read_definition
from pocketcloud.stepfunctions.execution import ExecutionStatus, Machine, MachineExecution
from pocketcloud.stepfunctions.json_text import text_of
from pocketcloud.stepfunctions.machines import Machines
from pocketcloud.stepfunctions.state_error import StateError
from pocketcloud.stepfunctions.structure import InvalidDefinitionError

Request = Mapping[str, Any]
Response = dict[str, Any]
_MAXIMUM_INPUT_BYTES = 262_144
"""https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""
_PAGE = 100
_NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/]{1,80}")
_UNSUPPORTED = {"encryptionConfiguration", "publish", "versionDescription"}


class MachineOperations:
    """The operations on state machines; each takes and returns the members of the API."""

    def __init__(self, machines: Machines) -> None:
        self._machines = machines
        self._engine = machines.engine

    def create_state_machine(self, request: Request) -> Response:
        """Create a state machine; the same request again returns the existing one."""
        _check_options(request)
        name, text = request["name"], request["definition"]
        if not _NAME.fullmatch(name):
            raise JsonRESTError("InvalidName", f"Invalid Name: '{name}'")
        arn = self._engine.access.location.arn("states", f"stateMachine:{name}")
        known = self._machines.by_arn.get(arn)
        if known is not None and (known.text, known.role_arn) != (text, request["roleArn"]):
            raise JsonRESTError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
        now = self._engine.clock.now()
        tags = {tag["key"]: tag["value"] for tag in request.get("tags", ())}
        kind = request.get("type", "STANDARD")
        definition = _read(text, kind)
        machine = known or Machine(arn, name, text, definition, request["roleArn"], kind, now, tags)
        self._machines.by_arn[arn] = machine
        return {"stateMachineArn": arn, "creationDate": machine.created_at}

    def update_state_machine(self, request: Request) -> Response:
        """Change the definition or the role; running executions keep theirs."""
        _check_options(request)
        machine = self._machine(request)
        if "definition" in request:
            machine.definition = _read(request["definition"], machine.kind)
            machine.text = request["definition"]
        machine.role_arn = request.get("roleArn", machine.role_arn)
        return {"updateDate": self._engine.clock.now()}

    def delete_state_machine(self, request: Request) -> None:
        """Delete a state machine; its executions end."""
        machine = self._machines.by_arn.pop(request["stateMachineArn"], None)
        for execution in list(self._machines.executions.values()):
            if execution.machine is machine:
                self._machines.end(execution, ExecutionStatus.ABORTED)

    def describe_state_machine(self, request: Request) -> Response:
        """Return a state machine."""
        machine = self._machine(request)
        return {
            **_listed(machine),
            "status": "ACTIVE",
            "definition": machine.text,
            "roleArn": machine.role_arn,
            "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
            "tracingConfiguration": {"enabled": False},
        }

    def list_state_machines(self, request: Request) -> Response:
        """Return all state machines."""
        machines = [_listed(each) for each in self._machines.by_arn.values()]
        return _page(request, "stateMachines", machines)

    def list_tags_for_resource(self, request: Request) -> Response:
        """Return the tags of a state machine."""
        machine = self._machine({"stateMachineArn": request["resourceArn"]})
        return {"tags": [{"key": key, "value": value} for key, value in machine.tags.items()]}

    def start_execution(self, request: Request) -> Response:
        """Start an execution; the same name and input return the one that is running."""
        machine, text = self._machine(request), request.get("input", "{}")
        if len(text.encode()) > _MAXIMUM_INPUT_BYTES:
            raise JsonRESTError("ValidationException", "input must be at most 262144 bytes long")
        try:
            document = json.loads(text)
        except ValueError as error:
            raise JsonRESTError(
                "InvalidExecutionInput", f"Invalid State Machine Execution Input: {error}"
            ) from error
        name = request.get("name")
        known = self._named(machine, name)
        if known is not None:
            if known.is_over or known.input != document:
                raise JsonRESTError("ExecutionAlreadyExists", f"Execution Already Exists: '{known.arn}'")
            return {"executionArn": known.arn, "startDate": known.started_at}
        execution = self._machines.start(machine, document, name, source=self._engine.actor())
        return {"executionArn": execution.arn, "startDate": execution.started_at}

    def stop_execution(self, request: Request) -> Response:
        """Abort an execution."""
        execution = self._execution(request)
        self._machines.end(
            execution, ExecutionStatus.ABORTED, error=request.get("error"), cause=request.get("cause")
        )
        return {"stopDate": execution.stopped_at}

    def describe_execution(self, request: Request) -> Response:
        """Return an execution."""
        execution = self._execution(request)
        shown = {
            **_summary(execution),
            "input": text_of(execution.input),
            "output": text_of(execution.output) if execution.status is ExecutionStatus.SUCCEEDED else None,
            "error": execution.error,
            "cause": execution.cause,
        }
        return {name: value for name, value in shown.items() if value is not None}

    def list_executions(self, request: Request) -> Response:
        """Return the executions of a state machine, the latest first."""
        machine, status = self._machine(request), request.get("statusFilter")
        _check_standard(machine)
        found = [
            _summary(each)
            for each in reversed(self._machines.executions.values())
            if each.machine is machine and status in {None, each.status}
        ]
        return _page(request, "executions", found)

    def get_execution_history(self, request: Request) -> Response:
        """Return the events of an execution."""
        events = self._execution(request).history
        return _page(request, "events", events[::-1] if request.get("reverseOrder") else events)

    def send_task_success(self, request: Request) -> Response:
        """End the task that waits for a token with its result."""
        try:
            result = json.loads(request["output"])
        except ValueError as error:
            raise JsonRESTError("InvalidOutput", f"Invalid Output: {error}") from error
        return self._ended(self._machines.end_task(request["taskToken"], result, None))

    def send_task_failure(self, request: Request) -> Response:
        """End the task that waits for a token with an error."""
        error = StateError(request.get("error", ""), request.get("cause", ""))
        return self._ended(self._machines.end_task(request["taskToken"], None, error))

    def send_task_heartbeat(self, request: Request) -> Response:
        """Note that the task that waits for a token is alive."""
        return self._ended(self._machines.beat(request["taskToken"]))

    @staticmethod
    def _ended(found: bool) -> Response:  # noqa: FBT001 - the result of the call before
        if not found:
            raise JsonRESTError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
        return {}

    def _machine(self, request: Request) -> Machine:
        arn = request["stateMachineArn"]
        if arn not in self._machines.by_arn:
            raise JsonRESTError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return self._machines.by_arn[arn]

    def _execution(self, request: Request) -> MachineExecution:
        arn = request["executionArn"]
        if arn not in self._machines.executions:
            raise JsonRESTError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        _check_standard(self._machines.executions[arn].machine)
        return self._machines.executions[arn]

    def _named(self, machine: Machine, name: str | None) -> MachineExecution | None:
        arn = f"{machine.arn.replace(':stateMachine:', ':execution:')}:{name}"
        return self._machines.executions.get(arn) if name else None


def _read(text: str, kind: str) -> dict[str, Any]:
    try:
        return read_definition(text, may_wait=kind == "STANDARD")
    except InvalidDefinitionError as error:
        raise JsonRESTError("InvalidDefinition", f"Invalid State Machine Definition: '{error}'") from error


def _check_options(request: Request) -> None:
    if given := sorted(name for name in _UNSUPPORTED if request.get(name)):
        raise UnsupportedOfflineError(f"state machine: not supported offline: {', '.join(given)}")


def _page(request: Request, name: str, items: Sequence[Any]) -> Response:
    try:
        page, token = page_of(items, request.get("nextToken"), request.get("maxResults") or _PAGE)
    except InvalidTokenError as error:
        raise JsonRESTError("InvalidToken", f"Invalid Token: {error}") from error
    return {name: page, "nextToken": token} if token else {name: page}


def _check_standard(machine: Machine) -> None:
    if machine.is_express:
        message = "This operation is not supported by this type of state machine"
        raise JsonRESTError("StateMachineTypeNotSupported", message)


def _listed(machine: Machine) -> Response:
    return {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "type": machine.kind,
        "creationDate": machine.created_at,
    }


def _summary(execution: MachineExecution) -> Response:
    shown = {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine.arn,
        "name": execution.name,
        "status": str(execution.status),
        "startDate": execution.started_at,
        "stopDate": execution.stopped_at,
    }
    return {name: value for name, value in shown.items() if value is not None}
