"""All state machines of the account, and their executions."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from pocketcloud.core.engine import Engine
from pocketcloud.core.identifiers import new_identifier
from pocketcloud.core.journal import Kind
from pocketcloud.core.service_event import service_event
from pocketcloud.stepfunctions.branch import Branch
from pocketcloud.stepfunctions.execution import ExecutionStatus, Machine, MachineExecution, details_of
from pocketcloud.stepfunctions.json_text import text_of
from pocketcloud.stepfunctions.resources import TaskResource
from pocketcloud.stepfunctions.state_error import TIMEOUT, StateError
from pocketcloud.stepfunctions.task_calls import TaskCalls
from pocketcloud.virtual_time.timestamps import epoch_milliseconds

_SERVICE = "states.amazonaws.com"
_EXPRESS_SECONDS = 300
"""https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html"""
End = Callable[[Any, StateError | None], None]
"""Ends a task with its result or with an error."""
PutEvent = Callable[[Mapping[str, Any], str], None]
"""Puts an event of a source on the default bus."""


class Machines:
    """Starts and ends executions; each state runs in a step of the scheduler."""

    def __init__(self, engine: Engine, put_event: PutEvent) -> None:
        self.engine = engine
        self._put_event = put_event
        self._calls = TaskCalls(engine)
        self.by_arn: dict[str, Machine] = {}
        self.executions: dict[str, MachineExecution] = {}
        self._branches: dict[str, Branch] = {}
        self._tokens: dict[str, tuple[Branch, End, Callable[[], None]]] = {}

    def start(self, machine: Machine, document: Any, name: str | None, *, source: str) -> MachineExecution:
        """Start an execution; its first state runs in the next step."""
        name = name or new_identifier()
        arn = f"{machine.arn.replace(':stateMachine:', ':execution:')}:{name}"
        now = self.engine.clock.now()
        execution = MachineExecution(arn, name, machine, machine.definition, document, now)
        self.executions[arn] = execution
        execution.note(
            now,
            "ExecutionStarted",
            "executionStartedEventDetails",
            input=text_of(document),
            roleArn=machine.role_arn,
        )
        self.engine.journal.write(Kind.INVOKED, source, machine.label, None, message_id=name)
        branch = self._branches[arn] = Branch(
            self,
            execution,
            machine.definition,
            succeeded=lambda output: self.end(execution, ExecutionStatus.SUCCEEDED, output=output),
            failed=lambda error: self.fail(execution, error),
        )
        self._publish(execution)
        for seconds in _timeouts(machine):
            branch.later(
                timedelta(seconds=seconds),
                partial(self.end, execution, ExecutionStatus.TIMED_OUT, error=TIMEOUT),
            )
        branch.start(document)
        return execution

    def end(
        self,
        execution: MachineExecution,
        status: ExecutionStatus,
        *,
        output: Any = None,
        error: str | None = None,
        cause: str | None = None,
    ) -> None:
        """End an execution that is running."""
        if execution.is_over:
            return
        now, machine = self.engine.clock.now(), execution.machine
        self._branches.pop(execution.arn).stop()
        execution.status, execution.stopped_at = status, now
        execution.output, execution.error, execution.cause = output, error, cause
        kind = {ExecutionStatus.TIMED_OUT: "ExecutionTimedOut"}.get(status, f"Execution{status.capitalize()}")
        shown = text_of(output) if status is ExecutionStatus.SUCCEEDED else None
        execution.note(now, kind, details_of(kind), output=shown, error=error, cause=cause)
        is_good = status is ExecutionStatus.SUCCEEDED
        reason = None if is_good else f"{status}: {error or ''} {cause or ''}".strip()
        self.engine.journal.write(
            Kind.HANDLED if is_good else Kind.FAILED,
            machine.label,
            machine.label,
            None,
            message_id=execution.name,
            reason=reason,
        )
        self._publish(execution)

    def fail(self, execution: MachineExecution, error: StateError) -> None:
        """End an execution with an error of one of its states."""
        status = ExecutionStatus.TIMED_OUT if error.error == TIMEOUT else ExecutionStatus.FAILED
        self.end(execution, status, error=error.error, cause=error.cause)

    def run_task(self, resource: TaskResource, parameters: Any, execution: MachineExecution) -> Any:
        """Make the call of a task; return its result, or raise StateError."""
        machine = execution.machine
        denied = self.engine.access.authorize_service(
            _SERVICE, "sts:AssumeRole", machine.role_arn, source_arn=machine.arn
        )
        if denied:
            raise StateError("States.TaskFailed", str(denied))
        with self.engine.acting(machine.label):
            return self._calls.run(resource, parameters, execution)

    def new_token(self) -> str:
        """Return a new task token."""
        return new_identifier()

    def await_token(self, branch: Branch, token: str, end: End, beat: Callable[[], None]) -> None:
        """Wait for a task token in a branch: `end` ends its task, and `beat` notes a heartbeat."""
        self._tokens[token] = branch, end, beat

    def has_token(self, token: str) -> bool:
        """Return whether a task waits for this token."""
        return token in self._tokens and not self._tokens[token][0].is_over

    def end_task(self, token: str, result: Any, error: StateError | None) -> bool:
        """End the task that waits for this token; return whether there was one."""
        if not self.has_token(token):
            return False
        _, end, _ = self._tokens.pop(token)
        end(result, error)
        return True

    def beat(self, token: str) -> bool:
        """Note a heartbeat of the task that waits for this token; return whether there is one."""
        if not self.has_token(token):
            return False
        self._tokens[token][2]()
        return True

    def clear(self) -> None:
        """Forget all executions; keep the state machines."""
        for branch in self._branches.values():
            branch.stop()
        self._branches.clear()
        self.executions.clear()
        self._tokens.clear()

    def _publish(self, execution: MachineExecution) -> None:
        """Publish the status to EventBridge.

        https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
        """
        machine = execution.machine
        if machine.is_express:
            return
        stopped = execution.stopped_at
        detail = {
            "executionArn": execution.arn,
            "stateMachineArn": machine.arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": epoch_milliseconds(execution.started_at),
            "stopDate": None if stopped is None else epoch_milliseconds(stopped),
            "input": json.dumps(execution.input),
            "output": json.dumps(execution.output) if execution.status is ExecutionStatus.SUCCEEDED else None,
            "error": execution.error,
            "cause": execution.cause,
        }
        event = service_event(
            self.engine.access.location,
            self.engine.clock.now(),
            source="aws.states",
            kind="Step Functions Execution Status Change",
            resource=execution.arn,
            detail=detail,
        )
        self._put_event(event, machine.label)


def _timeouts(machine: Machine) -> list[int]:
    """Return after how many seconds an execution ends."""
    chosen = [machine.definition["TimeoutSeconds"]] if "TimeoutSeconds" in machine.definition else []
    return [*chosen, _EXPRESS_SECONDS] if machine.is_express else chosen
