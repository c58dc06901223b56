"""`orderbus restore events`: put events of the archive back into the event log.

The archive has every event that the relay has published, so a log that was restored to an earlier time gets
back what was published after it. An event's id proves under which decision it was written.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from msgspec import Raw, Struct, ValidationError, json

from cli.core.account import Account, aws_errors
from cli.core.audit import Action, AuditTrail
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.core.times import format_utc, parse_time, require_window
from cli.replay.archive import POLL_INTERVAL_SECONDS, RUNNING_STATES
from cli.replay.job import replay_name
from cli.restore.recovery_queue import RECOVERY, RecoveryQueue, recovery_queue
from functions.contracts.registry import DECISIONS, FACTS
from functions.shared.contracts.codec import Rejected, read_envelope
from functions.shared.contracts.envelope import Envelope, event_id
from functions.shared.contracts.fact import PublishedFact
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EMPTY_RECEIVES = 3
"""The queue counts as drained after so many empty receives once the replay is complete."""
AGAIN = "Run the same command again: an event that is in the log is not written twice."


class _BusEvent(Struct, frozen=True):
    detail: Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRequest:
    """The window, as typed, and how to run."""

    now: datetime
    since: str
    until: str | None
    action_id: str
    confirmed: bool
    sleep: Callable[[float], None]


@dataclass(slots=True, kw_only=True)
class RecoveryReport:
    """The results of the events in the window."""

    since: datetime
    until: datetime
    read: int = 0
    """Events that the replay sent, repeated ones among them."""
    put_back: list[str] = field(default_factory=list)
    """`OrderCreated 7f3…` of each row that was missing."""
    conflicts: list[str] = field(default_factory=list)
    """Keys that hold another event by now."""
    unplaced: list[str] = field(default_factory=list)
    """Events whose decision is unknown to this version, or that are malformed."""
    done: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left for a person."""
        return not (self.conflicts or self.unplaced)


def restore_events(account: Account, request: RecoveryRequest, *, as_json: bool) -> ExitCode:
    """Put the archived events of the window into the log, or say what that does."""
    since = parse_time(request.since, now=request.now) or request.now
    until = parse_time(request.until, now=request.now) or request.now
    require_window(since, until)
    report = RecoveryReport(since=since, until=until)
    with aws_errors(hint=AGAIN):
        if request.confirmed:
            _audit(account, request)
            with recovery_queue(account) as queue:
                _recover(account, queue, request, report)
            report.done = True
    _print(report, as_json=as_json)
    return ExitCode.OK if report.is_complete else ExitCode.INCOMPLETE


def _recover(
    account: Account, queue: RecoveryQueue, request: RecoveryRequest, report: RecoveryReport
) -> None:
    events, names = account.client("events"), account.names
    archive = events.describe_archive(ArchiveName=names.event_archive)
    name = replay_name(names.replays(RECOVERY), request.now)
    events.start_replay(
        ReplayName=name,
        EventSourceArn=archive["ArchiveArn"],
        EventStartTime=report.since,
        EventEndTime=report.until,
        Destination={"Arn": archive["EventSourceArn"], "FilterArns": [queue.rule_arn]},
    )
    dynamodb, empty = account.client("dynamodb"), 0
    while empty < EMPTY_RECEIVES:
        messages = queue.receive()
        for message in messages:
            _put_back(dynamodb, names, json.decode(message["Body"], type=_BusEvent).detail, report)
        if messages:
            queue.delete(messages)
            empty = 0
            continue
        is_running = events.describe_replay(ReplayName=name)["State"] in RUNNING_STATES
        empty = 0 if is_running else empty + 1
        request.sleep(POLL_INTERVAL_SECONDS)


def _put_back(dynamodb: "DynamoDBClient", names: Names, detail: Raw, report: RecoveryReport) -> None:
    report.read += 1
    document = bytes(detail).decode()
    try:
        envelope = read_envelope(document)
    except Rejected:
        report.unplaced.append(document[:100])
        return
    label = f"{envelope.type} {envelope.subject}"
    decision = _decision_of(envelope)
    if decision is None:
        report.unplaced.append(label)
        return
    row = {"pk": f"{envelope.source}#{envelope.subject}", "sk": decision, "event": document}
    try:
        dynamodb.put_item(
            TableName=names.event_log,
            Item={attribute: {"S": value} for attribute, value in row.items()},
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        kept: Any = error.response
        if read_envelope(kept["Item"]["event"]["S"]).id != envelope.id:
            report.conflicts.append(f"{row['pk']} {decision}: {label}")
    else:
        report.put_back.append(label)


def _decision_of(envelope: Envelope) -> str | None:
    """Return the decision that the event's id was derived from; None if this version knows none."""
    for decision in _decisions(envelope):
        if event_id(envelope.source, envelope.subject, decision) == envelope.id:
            return decision
    return None


def _decisions(envelope: Envelope) -> Iterator[str]:
    yield from (decision for owner, decision in DECISIONS if owner == envelope.source)
    fact = FACTS.get(envelope.type)
    if fact is not None and issubclass(fact, PublishedFact):
        with suppress(ValidationError):  # a later major version
            yield json.decode(envelope.data, type=fact).decision_key


def _audit(account: Account, request: RecoveryRequest) -> None:
    trail = AuditTrail.of(account, Action.RESTORE, action_id=request.action_id, at=request.now)
    trail.begin(f"events since {request.since} until {request.until or 'now'}", 0)


def _print(report: RecoveryReport, *, as_json: bool) -> None:
    if as_json:
        times = {"since": report.since, "until": report.until}
        texts = {name: value.astimezone(UTC).isoformat() for name, value in times.items()}
        write_json({**asdict(report), **texts})
        return
    console = terminal()
    console.print(f"window  {format_utc(report.since)} to {format_utc(report.until)}")
    for conflict in report.conflicts:
        console.print(f"another event was written meanwhile: {conflict}")
    for event in report.unplaced:
        console.print(f"cannot be placed: {event}")
    if report.done:
        console.print(f"{report.read} archived events read, {len(report.put_back)} put back into the log.")
    else:
        console.print("This replays the archive into a queue of its own, and puts back what the log lacks.")
        console.print("Nothing was done. Add --yes to do it.")
