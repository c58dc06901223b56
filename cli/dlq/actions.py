"""The actions of `orderbus dlq`: list, show, redrive, edit and purge dead-lettered messages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cli.core.account import LOOK, Account, aws_errors
from cli.core.audit import Action, AuditTrail
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.fact_selection import require_known_fact
from cli.core.terminal_text import terminal
from cli.dlq import render
from cli.dlq.amendment import EditedMessage, InvalidEditError, edit_event
from cli.dlq.destinations import Destination, NotAcceptedError, NotRedrivableError, RedriveRouter
from cli.dlq.execution import ExecutionPlan, ExecutionResult, PlanExecution, plan_messages
from cli.dlq.message import DeadLetteredMessage
from cli.dlq.purge_file import open_purge_file
from cli.dlq.queues import DeadLetterQueueStatus, dead_letter_queues
from cli.dlq.search import MessageSelection, SearchResult, search
from functions.shared.runtime.received import Arrival

RETRY_HINT = "Nothing is lost: run the same command again. A message that arrives twice changes nothing."
ID_HINT = "`orderbus dlq ls` lists the ids; a unique beginning of an id is enough."
EDIT_HINT = "Use --set /data/lines/0/quantity=2, or --file with the whole event. Nothing was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class DlqRequest:
    """An action on some messages."""

    selection: MessageSelection
    limit: int
    as_json: bool = False
    is_confirmed: bool = False
    """Whether --yes was given; otherwise only show what would be done."""
    action_id: str = ""
    pause: Callable[[], None] = lambda: None
    """Called after each message, to limit the rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEdit:
    """The changes to an event: single values or a file with the whole event."""

    settings: tuple[str, ...] = ()
    file: Path | None = None


def list_messages(account: Account, request: DlqRequest) -> ExitCode:
    """List the messages by group."""
    found = _search(account, request)
    render.print_groups(found, as_json=request.as_json)
    return ExitCode.INCOMPLETE if found.in_flight else ExitCode.OK


def show_message(account: Account, request: DlqRequest) -> ExitCode:
    """Show one message with its destination."""
    message = _single(_search(account, request), request)
    with aws_errors(hint=LOOK):
        try:
            to = RedriveRouter(account).destination(message).to
        except NotRedrivableError as reason:
            to = f"nowhere: {reason}"
    render.print_message(message, to, as_json=request.as_json)
    return ExitCode.OK


def redrive(account: Account, request: DlqRequest) -> ExitCode:
    """Redrive messages to where they failed, or show their destinations."""
    found = _search(account, request)
    with aws_errors(hint=LOOK):
        plan = plan_messages(found.messages, RedriveRouter(account, request.pause).destination)
    result = _execute(account, request, Action.REDRIVE, plan)
    return _report(request, Action.REDRIVE, plan, found, result)


def edit(account: Account, request: DlqRequest, changes: EventEdit) -> ExitCode:
    """Redrive one message with its event changed, or show the changes."""
    found = _search(account, request)
    message = _single(found, request)
    try:
        destination = _destination_of_edited(account, message)
        arrival = Arrival.in_queue(message.queue.arn, at=request.selection.now)
        document = _read(changes.file)
        edited = edit_event(message.body, arrival, settings=changes.settings, document=document)
    except NotRedrivableError as reason:
        raise CommandError(
            f"{message.message_id} cannot be edited: {reason}.",
            hint="Only a consumer's own message can be edited.",
            code=ExitCode.USAGE,
        ) from reason
    except InvalidEditError as error:
        raise CommandError(str(error), hint=EDIT_HINT, code=ExitCode.USAGE) from error
    if not request.as_json:
        render.print_changes(edited.changes)
    destinations = {message.message_id: _with_body(destination, edited)}
    plan = ExecutionPlan(destinations=destinations, messages=[message])
    difference = render.changes_as_json(edited.changes)
    result = _execute(account, request, Action.EDIT, plan, difference=difference)
    return _report(request, Action.EDIT, plan, found, result)


def purge(account: Account, request: DlqRequest, file: Path) -> ExitCode:
    """Export messages to a file and delete them, or show which."""
    found = _search(account, request)
    if not request.is_confirmed:
        plan = ExecutionPlan(messages=list(found.messages))
        return _report(request, Action.PURGE, plan, found, ExecutionResult())
    try:
        with open_purge_file(file) as purge_file:
            plan = plan_messages(found.messages, purge_file.destination)
            result = _execute(account, request, Action.PURGE, plan)
    except OSError as error:
        raise CommandError(
            f"{file} cannot be written: {error.strerror}.",
            hint="Messages that were not exported are still in their queues. Choose another --to.",
            code=ExitCode.USAGE,
        ) from error
    # Outside the try: an OSError of standard output says nothing about the file.
    return _report(request, Action.PURGE, plan, found, result)


def _search(account: Account, request: DlqRequest) -> SearchResult:
    with aws_errors(hint=LOOK), terminal(stderr=True).progress() as show:
        sqs = account.client("sqs")
        queues = _queues_of(dead_letter_queues(sqs, account.names), request.selection.consumer)
        found = search(sqs, queues, request.selection, limit=request.limit, show=show)
    if not found.messages and request.selection.fact is not None:
        # A message may claim any fact; an unknown fact without a message is a typing error.
        require_known_fact(request.selection.fact)
    if found.messages and request.selection.message is not None:
        # The wanted message is found; messages in flight do not matter.
        return replace(found, in_flight={})
    return found


def _queues_of(queues: list[DeadLetterQueueStatus], component: str | None) -> list[DeadLetterQueueStatus]:
    selected = [queue for queue in queues if component in {None, queue.component}]
    if not selected:
        raise CommandError(
            f"{component} has no dead-letter queue.",
            hint=f"--consumer is one of {', '.join(queue.component for queue in queues)}.",
            code=ExitCode.USAGE,
        )
    return selected


def _single(found: SearchResult, request: DlqRequest) -> DeadLetteredMessage:
    """Return the only message found."""
    if len(found.messages) != 1:
        beginning = request.selection.message
        raise CommandError(
            f"{len(found.messages) or 'No'} dead-lettered messages have an id that begins with {beginning}.",
            hint=" ".join((*render.missing_messages(found), ID_HINT)),
            code=ExitCode.USAGE,
        )
    return found.messages[0]


def _execute(
    account: Account, request: DlqRequest, action: Action, plan: ExecutionPlan, *, difference: str = ""
) -> ExecutionResult:
    """Execute the plan if the request is confirmed."""
    result = ExecutionResult()
    if not request.is_confirmed or not plan.messages:
        return result
    with aws_errors(hint=RETRY_HINT):
        audit = _audit_trail(account, request, action)
        audit.begin(str(request.selection), len(plan.messages))
    with _interruptions(action, len(plan.messages), result), terminal(stderr=True).progress() as show:
        PlanExecution(
            sqs=account.client("sqs"),
            plan=plan,
            audit=audit,
            pause=request.pause,
            show=lambda now: show(f"{len(now.done)} of {len(plan.messages)} done"),
            difference=difference,
            result=result,
        ).run()
    return result


def _report(
    request: DlqRequest, action: Action, plan: ExecutionPlan, found: SearchResult, result: ExecutionResult
) -> ExitCode:
    report = render.ActionReport(
        action=action, plan=plan, result=result, found=found, action_id=request.action_id
    )
    render.print_report(report, done=request.is_confirmed, as_json=request.as_json)
    is_complete = not (plan.remaining or result.not_met or result.not_deleted or found.in_flight)
    return ExitCode.OK if is_complete or not request.is_confirmed else ExitCode.INCOMPLETE


def _audit_trail(account: Account, request: DlqRequest, action: Action) -> AuditTrail:
    return AuditTrail.of(account, action, action_id=request.action_id, at=request.selection.now)


def _destination_of_edited(account: Account, message: DeadLetteredMessage) -> Destination:
    with aws_errors(hint=LOOK):
        destination = RedriveRouter(account).destination(message)
    if not destination.accepts_edited:
        raise NotRedrivableError("its own text is not what is sent, or not to one consumer")
    return destination


def _with_body(destination: Destination, edited: EditedMessage) -> Destination:
    """Return the destination that sends the edited body instead."""
    return replace(
        destination, send=lambda message, tag: destination.send(replace(message, body=edited.body), tag)
    )


def _read(file: Path | None) -> str | None:
    try:
        return None if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InvalidEditError(f"{file} cannot be read: {reason}.") from error


@contextmanager
def _interruptions(action: Action, planned: int, result: ExecutionResult) -> Iterator[None]:
    """Report an interruption as a CommandError that names the messages done so far."""
    try:
        with aws_errors(hint=RETRY_HINT):
            yield
    except (KeyboardInterrupt, NotAcceptedError, CommandError) as error:
        reason = str(error) or "it was interrupted."
        is_interrupted = isinstance(error, KeyboardInterrupt)
        raise CommandError(
            f"{len(result.done)} of {planned} {render.PAST_TENSE[action]}, then: {reason}",
            hint=error.hint if isinstance(error, CommandError) else RETRY_HINT,
            code=ExitCode.INCOMPLETE if is_interrupted else ExitCode.AWS_REFUSED,
        ) from error
