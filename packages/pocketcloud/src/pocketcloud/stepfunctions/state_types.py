"""The behaviour of each type of state.

https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from pocketcloud.stepfunctions.choice_rules import holds
from pocketcloud.stepfunctions.execution import details_of
from pocketcloud.stepfunctions.json_text import text_of
from pocketcloud.stepfunctions.paths import value_at
from pocketcloud.stepfunctions.payload_template import computed, filled
from pocketcloud.stepfunctions.resources import TaskResource, read_resource
from pocketcloud.stepfunctions.state_error import RUNTIME, TIMEOUT, StateError
from pocketcloud.stepfunctions.structure import processor_of

if TYPE_CHECKING:
    from pocketcloud.stepfunctions.branch import Branch, Visit


def _pass(branch: "Branch", visit: "Visit") -> None:
    given = branch.parameters_of(visit)
    branch.complete(visit, visit.state.get("Result", given))


def _succeed(branch: "Branch", visit: "Visit") -> None:
    branch.leave(visit, branch.input_of(visit))


def _fail(branch: "Branch", visit: "Visit") -> None:
    document, context = branch.input_of(visit), branch.context(visit)
    error, cause = (
        computed(visit.state[f"{name}Path"], document, context)
        if f"{name}Path" in visit.state
        else visit.state.get(name, "")
        for name in ("Error", "Cause")
    )
    raise StateError(str(error), str(cause))


def _wait(branch: "Branch", visit: "Visit") -> None:
    document = branch.input_of(visit)
    until = _end_of_wait(branch, visit, document)
    delay = max(until - branch.machines.engine.clock.now(), timedelta())
    branch.later(delay, partial(branch.leave, visit, document))


def _end_of_wait(branch: "Branch", visit: "Visit", document: Any) -> datetime:
    state, now = visit.state, branch.machines.engine.clock.now()
    values = {
        name.removesuffix("Path"): value_at(state[name], document, branch.context(visit))
        if name.endswith("Path")
        else state[name]
        for name in ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
        if name in state
    }
    try:
        if "Seconds" in values:
            return now + timedelta(seconds=float(values["Seconds"]))
        return datetime.fromisoformat(values["Timestamp"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError) as error:
        raise StateError(RUNTIME, f"invalid time to wait: {values}") from error


def _choose(branch: "Branch", visit: "Visit") -> None:
    document, context = branch.input_of(visit), branch.context(visit)
    for rule in visit.state["Choices"]:
        if holds(rule, document, context):
            branch.leave(visit, document, rule["Next"])
            return
    if "Default" not in visit.state:
        raise StateError("States.NoChoiceMatched", f"no rule of {visit.name} matches the input")
    branch.leave(visit, document, visit.state["Default"])


def _parallel(branch: "Branch", visit: "Visit") -> None:
    document = branch.parameters_of(visit)
    _run_children(branch, visit, [(level, document, None) for level in visit.state["Branches"]], 0)


def _map(branch: "Branch", visit: "Visit") -> None:
    document, context = branch.input_of(visit), branch.context(visit)
    items = value_at(visit.state.get("ItemsPath", "$"), document, context)
    if not isinstance(items, list):
        raise StateError(RUNTIME, f"the items of {visit.name} are no array")
    selector = visit.state.get("ItemSelector", visit.state.get("Parameters"))
    level, children = processor_of(visit.state), []
    for index, value in enumerate(items):
        item = {"Index": index, "Value": value}
        inside = {**context, "Map": {"Item": item}}
        children.append((level, value if selector is None else filled(selector, document, inside), item))
    _run_children(branch, visit, children, int(visit.state.get("MaxConcurrency", 0)))


def _run_children(
    branch: "Branch",
    visit: "Visit",
    children: Sequence[tuple[Mapping[str, Any], Any, Mapping[str, Any] | None]],
    limit: int,
) -> None:
    """Run the children, at most `limit` at once, and complete the state with their outputs in order."""
    outputs: dict[int, Any] = {}
    waiting = list(enumerate(children))
    running: list[Branch] = []

    def start_next() -> None:
        number, (level, document, item) = waiting.pop(0)
        child = branch.child(level, item, partial(succeeded, number), failed)
        running.append(child)
        child.start(document)

    def succeeded(number: int, output: Any) -> None:
        outputs[number] = output
        if waiting:
            start_next()
        elif len(outputs) == len(children):
            branch.complete(visit, [outputs[place] for place in range(len(children))])

    def failed(error: StateError) -> None:
        for child in running:
            child.stop()
        branch.fail(visit, error)

    if not children:
        branch.complete(visit, [])
    for _ in range(min(limit or len(waiting), len(waiting))):
        start_next()


def _task(branch: "Branch", visit: "Visit") -> None:
    resource = read_resource(visit.state["Resource"])
    if resource is None:
        raise StateError(RUNTIME, f"unknown resource {visit.state['Resource']}")
    began = branch.machines.engine.clock.now()
    visit.token = branch.machines.new_token() if resource.waits else None
    _note(branch, resource, "TaskScheduled")
    try:
        result = branch.machines.run_task(resource, branch.parameters_of(visit), branch.execution)
    except StateError as error:
        _note(branch, resource, "TaskFailed", error=error.error, cause=error.cause)
        raise
    limit = visit.state.get("TimeoutSeconds")
    if resource.waits:
        _wait_for_token(branch, visit, resource)
        return
    if limit is not None and branch.machines.engine.clock.now() - began > timedelta(seconds=limit):
        raise StateError(TIMEOUT)
    _note(branch, resource, "TaskSucceeded", output=text_of(result))
    branch.complete(visit, result)


def _wait_for_token(branch: "Branch", visit: "Visit", resource: TaskResource) -> None:
    """Wait until the token is sent back, a heartbeat is missing or the time is over."""
    state, token = visit.state, str(visit.token)
    heartbeats = 0

    def end(result: Any, error: StateError | None) -> None:
        if error is None:
            _note(branch, resource, "TaskSucceeded", output=text_of(result))
            branch.complete(visit, result)
        else:
            _note(branch, resource, "TaskFailed", error=error.error, cause=error.cause)
            branch.fail(visit, error)

    def end_without_it(error: str, seen: int) -> None:
        if seen in {heartbeats, -1}:
            branch.machines.end_task(token, None, StateError(error))

    def beat() -> None:
        nonlocal heartbeats
        heartbeats += 1
        if "HeartbeatSeconds" in state:
            late = partial(end_without_it, "States.HeartbeatTimeout", heartbeats)
            branch.later(timedelta(seconds=state["HeartbeatSeconds"]), late)

    branch.machines.await_token(branch, token, end, beat)
    beat()
    if "TimeoutSeconds" in state:
        branch.later(timedelta(seconds=state["TimeoutSeconds"]), partial(end_without_it, TIMEOUT, -1))


def _note(branch: "Branch", resource: TaskResource, kind: str, **values: Any) -> None:
    branch.execution.note(
        branch.machines.engine.clock.now(),
        kind,
        details_of(kind),
        resource=resource.action,
        resourceType=resource.service,
        **values,
    )


BEHAVIOURS: Mapping[str, Callable[["Branch", "Visit"], None]] = {
    "Choice": _choose,
    "Fail": _fail,
    "Map": _map,
    "Parallel": _parallel,
    "Pass": _pass,
    "Succeed": _succeed,
    "Task": _task,
    "Wait": _wait,
}
