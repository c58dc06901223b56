"""`orderbus replay --from-archive`: an EventBridge replay to one consumer's rule."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from cli.core.account import Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.core.times import format_utc, require_window
from cli.replay.event_log import DEPLOYED
from cli.replay.job import replay_name
from cli.replay.queue_feed import find_queue
from cli.replay.request import ReplayConsumer, ReplayRequest, RunOptions

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import ListReplaysRequestTypeDef

CONCURRENT_REPLAYS = 10
"""EventBridge's limit per account and region.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html
"""
ARCHIVE_DELAY = timedelta(minutes=10)
"""An event may take so long to reach the archive."""
POLL_INTERVAL_SECONDS = 2
RUNNING_STATES = ("STARTING", "RUNNING", "CANCELLING")
CONTINUES = "The replay continues without this command; its name in EventBridge is {}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveReplay:
    """A replay, planned or as EventBridge describes it."""

    replay: str
    archive: str
    archive_arn: str
    bus_arn: str
    rule_arn: str
    facts: list[str]
    since: datetime
    until: datetime
    archived_events: int
    """Events in the whole archive, counted by EventBridge daily; there is no count per window."""
    under_way: int
    """Running replays of the account and region."""
    state: str = "NOT_STARTED"
    reason: str = ""
    replayed_up_to: datetime | None = None
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return one JSON object."""
        return {
            name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }


def replay_archive(account: Account, request: ReplayRequest, options: RunOptions) -> ExitCode:
    """Start a replay and wait for its end, or show what it would replay."""
    consumer = request.replay_consumer()
    since, until = request.start or request.now, request.end or request.now
    require_window(since, until)
    with aws_errors(hint=DEPLOYED):
        if find_queue(account, consumer) is None:
            raise CommandError(
                f"{consumer.name} reads the ordered stream, and no rule leads the archive to it.",
                hint="Leave out --from-archive: the event log has every fact.",
                code=ExitCode.USAGE,
            )
        events = account.client("events")
        replay = _plan(account, consumer, since, until, request.now)
        if options.is_confirmed:
            # CloudTrail records the caller: StartReplay is a management event.
            _start(events, replay)
            replay = replace(replay, state="STARTING")
            if options.wait:
                replay = _wait_for_end(events, replay, options.sleep)
    _print_replay(replay, as_json=options.as_json)
    return ExitCode.OK if replay.state in {"NOT_STARTED", "STARTING", "COMPLETED"} else ExitCode.INCOMPLETE


def _plan(
    account: Account, consumer: ReplayConsumer, since: datetime, until: datetime, now: datetime
) -> ArchiveReplay:
    events, names = account.client("events"), account.names
    archive = events.describe_archive(ArchiveName=names.event_archive)
    rule = events.describe_rule(Name=names.replay_rule(consumer.name), EventBusName=names.event_bus)
    return ArchiveReplay(
        replay=replay_name(names.replays(consumer.name), now),
        archive=names.event_archive,
        archive_arn=archive["ArchiveArn"],
        bus_arn=archive["EventSourceArn"],
        rule_arn=rule["Arn"],
        facts=sorted(consumer.facts),
        since=since,
        until=until,
        archived_events=archive["EventCount"],
        under_way=sum(state in RUNNING_STATES for state in _states(events)),
        notes=list(_notes(now - since, now - until, archive.get("RetentionDays", 0))),
    )


def _notes(oldest: timedelta, newest: timedelta, retention_days: int) -> Iterator[str]:
    if newest < ARCHIVE_DELAY:
        yield "Events of the last ten minutes may not be in the archive yet."
    if retention_days and oldest > timedelta(days=retention_days):
        yield f"The archive keeps {retention_days} days; older facts are only in the event log."


def _states(events: "EventBridgeClient") -> Iterator[str]:
    """Yield the states of all replays of the last 90 days, EventBridge's retention."""
    token: ListReplaysRequestTypeDef = {}
    while True:
        page = events.list_replays(**token)
        yield from (replay["State"] for replay in page["Replays"])
        if "NextToken" not in page:
            return
        token = {"NextToken": page["NextToken"]}


def _start(events: "EventBridgeClient", replay: ArchiveReplay) -> None:
    try:
        events.start_replay(
            ReplayName=replay.replay,
            EventSourceArn=replay.archive_arn,
            EventStartTime=replay.since,
            EventEndTime=replay.until,
            Destination={"Arn": replay.bus_arn, "FilterArns": [replay.rule_arn]},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "LimitExceededException":
            raise
        raise CommandError(
            f"EventBridge already runs {CONCURRENT_REPLAYS} replays, its limit per account and region.",
            hint="Nothing was started. Try again when one has ended: aws events list-replays",
            code=ExitCode.AWS_REFUSED,
        ) from error


def _wait_for_end(
    events: "EventBridgeClient", replay: ArchiveReplay, sleep: Callable[[float], None]
) -> ArchiveReplay:
    """Return the replay at its end; an interruption ends the waiting, not the replay."""
    with terminal(stderr=True).progress() as show:
        try:
            while replay.state in RUNNING_STATES:
                sleep(POLL_INTERVAL_SECONDS)
                with aws_errors(hint=CONTINUES.format(replay.replay)):
                    replay = _updated(replay, events.describe_replay(ReplayName=replay.replay))
                show(_progress(replay))
        except KeyboardInterrupt as error:
            hint = CONTINUES.format(replay.replay)
            raise CommandError("The wait was interrupted.", hint=hint, code=ExitCode.INCOMPLETE) from error
    return replay


def _updated(replay: ArchiveReplay, described: Mapping[str, Any]) -> ArchiveReplay:
    return replace(
        replay,
        state=described["State"],
        reason=described.get("StateReason", ""),
        replayed_up_to=described.get("EventLastReplayedTime", replay.replayed_up_to),
    )


def _progress(replay: ArchiveReplay) -> str:
    if replay.replayed_up_to is None:
        return f"{replay.state}: nothing replayed yet"
    share = (replay.replayed_up_to - replay.since) / (replay.until - replay.since)
    return f"{replay.state}: replayed up to {format_utc(replay.replayed_up_to)}, {share:.0%} of the window"


def _print_replay(replay: ArchiveReplay, *, as_json: bool) -> None:
    if as_json:
        write_json(replay.as_json())
        return
    console = terminal()
    console.print(f"window   {format_utc(replay.since)} to {format_utc(replay.until)}, by the minute")
    console.print(f"archive  {replay.archive}: {replay.archived_events} events in total, counted daily")
    console.print(f"rule     {replay.rule_arn.rpartition('/')[2]} only: {', '.join(replay.facts)}")
    console.print(f"replays  {replay.under_way} of {CONCURRENT_REPLAYS} running in this account and region")
    for note in replay.notes:
        console.print(note)
    console.print(_summary(replay))


def _summary(replay: ArchiveReplay) -> str:
    if replay.state == "NOT_STARTED":
        return f"Nothing was started. Add --yes to start it as {replay.replay}."
    if replay.state == "STARTING":
        return f"Started as {replay.replay}."
    if replay.state == "COMPLETED":
        return f"{replay.replay} is in the consumer's queue; `orderbus status` shows its progress."
    return f"{replay.replay} ended as {replay.state}: {replay.reason or 'EventBridge gives no reason'}."
