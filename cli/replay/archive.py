"""`orderbus replay --from-archive`: EventBridge's own replay, to the one rule that is the consumer's."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from cli.core.account import Account, refusals_said
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.core.times import refuse_empty_window, utc
from cli.replay.consumer import Hearer
from cli.replay.event_log import DEPLOYED
from cli.replay.job import replay_name
from cli.replay.options import Given, Manner

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

AT_A_TIME = 10
"""Replays that an account may have under way in a region.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html
"""
ARRIVING = timedelta(minutes=10)
"""How long an event may be on its way to the archive."""
BETWEEN_LOOKS = 5
"""Seconds between two looks at a replay under way."""
UNDER_WAY = ("STARTING", "RUNNING", "CANCELLING")
GOES_ON = "The replay goes on without this command; EventBridge knows it by its name, {}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A replay, as it is to be or as EventBridge says it is."""

    replay: str
    archive: str
    archive_arn: str
    bus_arn: str
    rule_arn: str
    facts: list[str]
    since: datetime
    until: datetime
    archived_events: int
    """In the whole archive, as EventBridge has counted them within the last day; nobody counts a window's."""
    under_way: int
    """Other replays that EventBridge has in hand."""
    state: str = "NOT_STARTED"
    reason: str = ""
    told_up_to: datetime | None = None
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }


def replay_archive(account: Account, given: Given, manner: Manner) -> ExitCode:
    """Say what the archive would tell the consumer; where that is wanted, have it told, and watch."""
    hearer = given.hearer()
    since, until = given.start or given.now, given.end or given.now
    refuse_empty_window(since, until)
    with refusals_said(hint=DEPLOYED):
        events = account.client("events")
        replay = _planned(account, hearer, since, until, given.now)
        if manner.sure:
            # CloudTrail has who started it: StartReplay is a management event.
            _start(events, replay)
            replay = replace(replay, state="STARTING")
            if manner.wait:
                replay = _watched(events, replay, manner.sleep)
    _say(replay, as_json=manner.as_json)
    return ExitCode.OK if replay.state in {"NOT_STARTED", "STARTING", "COMPLETED"} else ExitCode.INCOMPLETE


def _planned(account: Account, hearer: Hearer, since: datetime, until: datetime, now: datetime) -> Replay:
    events, names = account.client("events"), account.names
    archive = events.describe_archive(ArchiveName=names.event_archive)
    rule = events.describe_rule(Name=names.replay_rule(hearer.name), EventBusName=names.event_bus)
    return Replay(
        replay=replay_name(names.replays(hearer.name), now),
        archive=names.event_archive,
        archive_arn=archive["ArchiveArn"],
        bus_arn=archive["EventSourceArn"],
        rule_arn=rule["Arn"],
        facts=sorted(hearer.facts),
        since=since,
        until=until,
        archived_events=archive["EventCount"],
        under_way=sum(state in UNDER_WAY for state in _states(events)),
        notes=list(_notes(now - since, now - until, archive.get("RetentionDays", 0))),
    )


def _notes(oldest: timedelta, newest: timedelta, retention_days: int) -> Iterator[str]:
    if newest < ARRIVING:
        yield "What happened in the last ten minutes may not be in the archive yet."
    if retention_days and oldest > timedelta(days=retention_days):
        yield f"The archive keeps {retention_days} days; what is older is in the event log alone."


def _states(events: "EventBridgeClient") -> Iterator[str]:
    """Of all replays of the last 90 days, which is how long EventBridge remembers them."""
    token: dict[str, str] = {}
    while True:
        answer = events.list_replays(**token)  # type: ignore[arg-type]  # only a token is ever in it
        yield from (replay["State"] for replay in answer["Replays"])
        if "NextToken" not in answer:
            return
        token = {"NextToken": answer["NextToken"]}


def _start(events: "EventBridgeClient", replay: Replay) -> None:
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
            f"EventBridge has {AT_A_TIME} replays under way, and takes no more in an account and region.",
            hint="Nothing was started. Try again when one has ended: aws events list-replays",
            code=ExitCode.AWS_REFUSED,
        ) from error


def _watched(events: "EventBridgeClient", replay: Replay, sleep: Callable[[float], None]) -> Replay:
    """The replay at its end; an interruption ends the watching only."""
    with terminal(stderr=True).progress() as show:
        try:
            while replay.state in UNDER_WAY:
                sleep(BETWEEN_LOOKS)
                with refusals_said(hint=GOES_ON.format(replay.replay)):
                    replay = _now(replay, events.describe_replay(ReplayName=replay.replay))
                show(_progress(replay))
        except KeyboardInterrupt as error:
            hint = GOES_ON.format(replay.replay)
            raise CommandError("Nobody watches it any more.", hint=hint, code=ExitCode.INCOMPLETE) from error
    return replay


def _now(replay: Replay, described: Mapping[str, Any]) -> Replay:
    return replace(
        replay,
        state=described["State"],
        reason=described.get("StateReason", ""),
        told_up_to=described.get("EventLastReplayedTime", replay.told_up_to),
    )


def _progress(replay: Replay) -> str:
    if replay.told_up_to is None:
        return f"{replay.state}: nothing told yet"
    share = (replay.told_up_to - replay.since) / (replay.until - replay.since)
    return f"{replay.state}: told up to {utc(replay.told_up_to)}, {share:.0%} of the window"


def _say(replay: Replay, *, as_json: bool) -> None:
    if as_json:
        write_json(replay.as_json())
        return
    console = terminal()
    console.print(f"window   {utc(replay.since)} to {utc(replay.until)}, by the minute")
    console.print(f"archive  {replay.archive}: {replay.archived_events} events in all, as counted daily")
    console.print(f"rule     {replay.rule_arn.rpartition('/')[2]}, and no other: {', '.join(replay.facts)}")
    console.print(f"replays  {replay.under_way} under way, of {AT_A_TIME} in an account and region")
    for note in replay.notes:
        console.print(note)
    console.print(_end(replay))


def _end(replay: Replay) -> str:
    if replay.state == "NOT_STARTED":
        return f"Nothing was started. Say --yes to start it as {replay.replay}."
    if replay.state == "STARTING":
        return f"Started as {replay.replay}."
    if replay.state == "COMPLETED":
        return f"{replay.replay} is with the consumer's queue; `orderbus status` shows how it is handled."
    return f"{replay.replay} ended as {replay.state}: {replay.reason or 'EventBridge gives no reason'}."
