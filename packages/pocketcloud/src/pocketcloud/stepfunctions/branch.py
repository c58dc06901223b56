"""A sequence of states: of an execution, of a branch of a Parallel state, or of an item of a Map state.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from pocketcloud.stepfunctions.execution import MachineExecution
from pocketcloud.stepfunctions.json_text import text_of
from pocketcloud.stepfunctions.paths import value_at, with_value
from pocketcloud.stepfunctions.payload_template import filled
from pocketcloud.stepfunctions.state_error import RUNTIME, StateError
from pocketcloud.stepfunctions.state_types import BEHAVIOURS
from pocketcloud.virtual_time.timestamps import iso_milliseconds

if TYPE_CHECKING:
    from pocketcloud.stepfunctions.machines import Machines

_ATTEMPTS, _INTERVAL_SECONDS, _BACKOFF = 3, 1, 2.0
"""https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error"""
_PLACE = "An error occurred while executing the state"
_MAXIMUM_EVENTS, _MAXIMUM_BYTES = 25_000, 262_144
"""https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""


@dataclass(slots=True)
class Visit:
    """One visit of a state, with all its attempts."""

    name: str
    state: Mapping[str, Any]
    raw: Any
    """The input before InputPath."""
    entered_at: datetime
    entered_event: int
    """The number of the event in the execution's history."""
    retries: Counter[int] = field(default_factory=Counter)
    """Attempts after an error, by the place of the retrier."""
    token: str | None = None


class Branch:
    """Runs its states one after the other, each in a step of its own."""

    def __init__(  # noqa: PLR0913 - all parts of a branch
        self,
        machines: "Machines",
        execution: MachineExecution,
        level: Mapping[str, Any],
        *,
        item: Mapping[str, Any] | None = None,
        succeeded: Callable[[Any], None],
        failed: Callable[[StateError], None],
    ) -> None:
        self.machines, self.execution = machines, execution
        self.is_over = False
        self.children: list[Branch] = []
        self.item = item
        self._level = level
        self._succeeded, self._failed = succeeded, failed

    def start(self, document: Any) -> None:
        """Enter the first state."""
        self._enter(self._level["StartAt"], document)

    def child(
        self,
        level: Mapping[str, Any],
        item: Mapping[str, Any] | None,
        succeeded: Callable[[Any], None],
        failed: Callable[[StateError], None],
    ) -> "Branch":
        """Return a new branch below this one."""
        made = Branch(
            self.machines,
            self.execution,
            level,
            item=item if item is not None else self.item,
            succeeded=succeeded,
            failed=failed,
        )
        self.children.append(made)
        return made

    def stop(self) -> None:
        """End this branch and those below it."""
        self.is_over = True
        for child in self.children:
            child.stop()

    def later(self, delay: timedelta, action: Callable[[], None]) -> None:
        """Plan an action, unless the branch or the execution is over then."""

        def run() -> None:
            if not self.is_over and not self.execution.is_over:
                action()

        self.machines.engine.scheduler.after(delay, run, label=self.execution.machine.label)

    def context(self, visit: Visit) -> dict[str, Any]:
        """Return the context object.

        https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
        """
        execution, machine = self.execution, self.execution.machine
        made: dict[str, Any] = {
            "Execution": {
                "Id": execution.arn,
                "Input": execution.input,
                "Name": execution.name,
                "RoleArn": machine.role_arn,
                "StartTime": iso_milliseconds(execution.started_at),
            },
            "State": {
                "EnteredTime": iso_milliseconds(visit.entered_at),
                "Name": visit.name,
                "RetryCount": visit.retries.total(),
            },
            "StateMachine": {"Id": machine.arn, "Name": machine.name},
        }
        if visit.token is not None:
            made["Task"] = {"Token": visit.token}
        return {**made, "Map": {"Item": self.item}} if self.item is not None else made

    def input_of(self, visit: Visit) -> Any:
        """Return the part of the input that InputPath selects."""
        path = visit.state.get("InputPath", "$")
        return {} if path is None else value_at(path, visit.raw, self.context(visit))

    def parameters_of(self, visit: Visit) -> Any:
        """Return the parameters that the state's template makes of its input."""
        document = self.input_of(visit)
        if "Parameters" not in visit.state:
            return document
        return filled(visit.state["Parameters"], document, self.context(visit))

    def complete(self, visit: Visit, result: Any) -> None:
        """Combine the result of the state with its input, and go on."""
        try:
            if "ResultSelector" in visit.state:
                result = filled(visit.state["ResultSelector"], result, self.context(visit))
            path = visit.state.get("ResultPath", "$")
            output = visit.raw if path is None else with_value(path, visit.raw, result)
            _check_size(visit, result)
        except StateError as error:
            self.fail(visit, error)
            return
        self.leave(visit, output)

    def leave(self, visit: Visit, document: Any, target: str | None = None) -> None:
        """Leave the state with the part of the document that OutputPath selects."""
        path = visit.state.get("OutputPath", "$")
        try:
            output = {} if path is None else value_at(path, document, self.context(visit))
            _check_size(visit, output)
        except StateError as error:
            self.fail(visit, error)
            return
        self._note_exit(visit, output)
        if target is None and (visit.state.get("End") or "Next" not in visit.state):
            self._succeeded(output)
            return
        self._enter(target or visit.state["Next"], output)

    def fail(self, visit: Visit, error: StateError) -> None:
        """Try the state again, go on at a catcher, or end the branch."""
        error = _with_place(error, visit)
        for number, retrier in enumerate(visit.state.get("Retry", ())):
            if error.matches(retrier["ErrorEquals"]):
                if visit.retries[number] < retrier.get("MaxAttempts", _ATTEMPTS):
                    delay = self._delay(retrier, visit.retries[number])
                    visit.retries[number] += 1
                    self.later(delay, partial(self._run, visit))
                    return
                break
        for catcher in visit.state.get("Catch", ()):
            if error.matches(catcher["ErrorEquals"]):
                self._catch(visit, catcher, error)
                return
        self._failed(error)

    def _catch(self, visit: Visit, catcher: Mapping[str, Any], error: StateError) -> None:
        path = catcher.get("ResultPath", "$")
        caught = {"Error": error.error, "Cause": error.cause}
        try:
            output = visit.raw if path is None else with_value(path, visit.raw, caught)
        except StateError as failure:
            self._failed(failure)
            return
        self._note_exit(visit, output)
        self._enter(catcher["Next"], output)

    def _delay(self, retrier: Mapping[str, Any], retries: int) -> timedelta:
        seconds = retrier.get("IntervalSeconds", _INTERVAL_SECONDS) * (
            retrier.get("BackoffRate", _BACKOFF) ** retries
        )
        seconds = min(seconds, retrier.get("MaxDelaySeconds", seconds))
        if retrier.get("JitterStrategy") == "FULL":
            seconds *= self.machines.engine.scheduler.random.random()
        return timedelta(seconds=seconds)

    def _enter(self, name: str, document: Any) -> None:
        now = self.machines.engine.clock.now()
        state = self._level["States"][name]
        kind = f"{state['Type']}StateEntered"
        details = {"name": name, "input": text_of(document)}
        self.execution.note(now, kind, "stateEnteredEventDetails", **details)
        visit = Visit(name, state, document, now, len(self.execution.history))
        self.later(timedelta(), partial(self._run, visit))

    def _run(self, visit: Visit) -> None:
        if len(self.execution.history) >= _MAXIMUM_EVENTS:
            cause = f"The execution reached the maximum number of history events ({_MAXIMUM_EVENTS})."
            self.machines.fail(self.execution, StateError(RUNTIME, cause))
            return
        try:
            BEHAVIOURS[visit.state["Type"]](self, visit)
        except StateError as error:
            self.fail(visit, error)

    def _note_exit(self, visit: Visit, output: Any) -> None:
        kind = f"{visit.state['Type']}StateExited"
        details = {"name": visit.name, "output": text_of(output)}
        self.execution.note(self.machines.engine.clock.now(), kind, "stateExitedEventDetails", **details)


def _with_place(error: StateError, visit: Visit) -> StateError:
    """Return an error of the state itself with the place where it happened."""
    if error.error != RUNTIME or error.cause.startswith(_PLACE):
        return error
    place = f"{_PLACE} '{visit.name}' (entered at the event id #{visit.entered_event})."
    return StateError(RUNTIME, f"{place} {error.cause}")


def _check_size(visit: Visit, value: Any) -> None:
    if len(text_of(value).encode()) > _MAXIMUM_BYTES:
        cause = (
            f"The state/task '{visit.name}' returned a result with a size exceeding "
            "the maximum number of bytes service limit."
        )
        raise StateError("States.DataLimitExceeded", cause)
