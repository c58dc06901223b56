"""Event buses: accept events, match them against rules, archive and replay them."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from moto.events.exceptions import ResourceNotFoundException
from moto.events.models import Archive, EventBus, Replay, ReplayState, Rule

from pocketcloud.core.compact_list import CompactList
from pocketcloud.core.engine import Engine
from pocketcloud.core.identifiers import new_identifier
from pocketcloud.core.journal import Kind, event_in
from pocketcloud.eventbridge.dispatch import BusEvent
from pocketcloud.eventbridge.patterns import BUS, compile_pattern
from pocketcloud.eventbridge.put_events import EntryError, check_entry, check_request, event_time
from pocketcloud.eventbridge.rules import is_archive
from pocketcloud.eventbridge.targets import Targets
from pocketcloud.sqs.queues import Queues
from pocketcloud.virtual_time.latency import BUS_TO_TARGET

_MATCHERS: WeakKeyDictionary[object, Callable[[Mapping[str, Any]], bool]] = WeakKeyDictionary()
"""By moto's object of the pattern, which a change of the rule replaces."""


class Bus:
    """All event buses of the account; moto stores their rules, targets and archives."""

    def __init__(self, engine: Engine, queues: Queues, targets: Targets) -> None:
        self._engine = engine
        self._queues = queues
        self._targets = targets
        targets.senders.put_on_bus = self.forward

    def put_events(self, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Put events; return the `Entries` of the response."""
        check_request(entries)
        return [self._put(entry) for entry in entries]

    def replay(self, replay: Replay, archive: Archive) -> None:
        """Plan the archived events in the replay's time window, oldest first, with `replay-name` set."""
        start, end = float(replay.event_start_time), float(replay.event_end_time)
        if archive.retention:
            kept = self._engine.clock.now() - timedelta(days=int(archive.retention))
            start = max(start, kept.timestamp())
        events = [json.loads(str(text)) for text in archive.events]
        chosen = [event for event in events if start <= _epoch(str(event["time"])) < end]
        chosen.sort(key=lambda event: str(event["time"]))
        when = self._engine.clock.now()
        replay.state = ReplayState.RUNNING
        for archived in chosen:
            when += self._engine.delivery_delay(BUS_TO_TARGET)
            replayed = {**archived, "replay-name": replay.name}
            self._engine.scheduler.at(
                when, partial(self._replay_event, replay, replayed), label=f"replay/{replay.name}"
            )
        self._engine.scheduler.at(when, partial(_complete, replay), label=f"replay/{replay.name}")

    def _bus(self, name: str | None) -> EventBus | None:
        """Return the bus with this name or ARN; None if there is none in this account and region."""
        wanted = (name or "default").rsplit("/", 1)[-1]
        bus = self._engine.events.event_buses.get(wanted)
        return None if bus is None or (name and name.startswith("arn:") and name != bus.arn) else bus

    def _put(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        name = (entry.get("EventBusName") or "default").rsplit("/", 1)[-1]
        detail = check_entry(entry)
        if isinstance(detail, EntryError):
            reason = f"{detail.code}: {detail.message}"
            self._engine.journal.write(Kind.REFUSED, self._engine.actor(), f"bus/{name}", None, reason=reason)
            return detail.as_result()
        accepted = self._envelope(entry, detail)
        bus = self._bus(entry.get("EventBusName"))
        if bus is None:
            # AWS returns an event id, but the event is lost.
            event = _event(accepted)
            self._queues.drop(f"bus/{name}", event.ref, "the event bus does not exist", event.text)
        else:
            self._accept(bus, accepted, self._engine.actor())
        return {"EventId": accepted["id"]}

    def _envelope(self, entry: Mapping[str, Any], detail: dict[str, Any]) -> dict[str, Any]:
        """Build the event that rules and targets receive."""
        return {
            "version": "0",
            "id": new_identifier(),
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "account": self._engine.access.caller,
            "time": event_time(entry, self._engine.clock.now()),
            "region": self._engine.region,
            "resources": entry.get("Resources", []),
            "detail": detail,
        }

    def _accept(self, bus: EventBus, accepted: Mapping[str, Any], source: str) -> None:
        event = _event(accepted)
        self._engine.journal.write(Kind.ACCEPTED, source, f"bus/{bus.name}", event.ref, message_id=event.id)
        self._route(bus, event, list(bus.rules.values()))

    def _route(self, bus: EventBus, event: BusEvent, rules: Sequence[Rule]) -> None:
        matched = [rule for rule in rules if _matches(rule, event.envelope)]
        reached = False
        for rule in matched:
            if not _is_managed(rule):
                self._engine.journal.write(
                    Kind.MATCHED, f"bus/{bus.name}", f"rule/{rule.name}", event.ref, message_id=event.id
                )
            for target in rule.targets:
                reached |= self._hand_over(rule, target, event)
        if not reached:
            reason = "no rule with a target matched"
            self._queues.drop(f"bus/{bus.name}", event.ref, reason, event.text)

    def _hand_over(self, rule: Rule, target: Mapping[str, Any], event: BusEvent) -> bool:
        """Send the event to a target; return whether the target is not an archive."""
        if not is_archive(target["Arn"]):
            self._targets.dispatch(rule, target, event)
            return True
        name = rule.name.removeprefix("Events-Archive-")
        # Stored as text, which takes a third of the memory; only `replay` reads it.
        _keep(self._engine.events.archives[name], event.text)
        self._engine.journal.write(
            Kind.PUBLISHED, f"rule/{rule.name}", f"archive/{name}", event.ref, message_id=event.id
        )
        return False

    def put_if_wanted(self, event: Mapping[str, Any], source: str) -> None:
        """Accept an event of an AWS service on the default bus if a rule matches it."""
        bus = self._engine.events.event_buses["default"]
        if any(_matches(rule, event) for rule in bus.rules.values()):
            self._accept(bus, event, source)

    def forward(self, name: str, forwarded: Mapping[str, Any], source: str) -> None:
        """Accept an event of another bus or of an AWS service, which has its envelope already."""
        bus = self._bus(name)
        if bus is None:
            raise ResourceNotFoundException(f"Event bus {name} does not exist.")
        self._accept(bus, forwarded, source)

    def _replay_event(self, replay: Replay, archived: Mapping[str, Any]) -> None:
        if replay.state is not ReplayState.RUNNING:
            return
        bus, event = self._bus(replay.destination["Arn"]), _event(archived)
        if bus is None:
            self._queues.drop(f"replay/{replay.name}", event.ref, "the event bus does not exist", event.text)
            return
        replay.event_last_replayed_time = _epoch(str(archived["time"]))  # type: ignore[attr-defined]  # moto lacks it
        self._engine.journal.write(
            Kind.ACCEPTED, f"replay/{replay.name}", f"bus/{bus.name}", event.ref, message_id=event.id
        )
        wanted = replay.destination.get("FilterArns")
        self._route(bus, event, [rule for rule in bus.rules.values() if not wanted or rule.arn in wanted])


def _keep(archive: Any, text: str) -> None:
    """Archive an event as compressed text; moto, which would keep a dictionary, only counts the events."""
    if not isinstance(archive.events, CompactList):
        archive.events = CompactList()
    archive.events.append(text)


def _event(envelope: Mapping[str, Any]) -> BusEvent:
    text = json.dumps(envelope, separators=(",", ":"), ensure_ascii=False)
    return BusEvent(envelope, text, event_in(envelope["detail"]))


def _matches(rule: Rule, envelope: Mapping[str, Any]) -> bool:
    return rule.state == "ENABLED" and _matcher(rule)(envelope)


def _matcher(rule: Rule) -> Callable[[Mapping[str, Any]], bool]:
    """Return the compiled pattern of a rule; each event asks every rule."""
    found = _MATCHERS.get(rule.event_pattern)
    if found is None:
        pattern = rule.event_pattern.dump()
        found = _MATCHERS[rule.event_pattern] = compile_pattern(str(pattern), BUS) if pattern else _nothing
    return found


def _nothing(_: Mapping[str, Any]) -> bool:
    return False


def _is_managed(rule: Rule) -> bool:
    return rule.managed_by is not None


def _epoch(time: str) -> float:
    return datetime.fromisoformat(time).astimezone(UTC).timestamp()


def _complete(replay: Replay) -> None:
    if replay.state is ReplayState.RUNNING:
        replay.state = ReplayState.COMPLETED
        replay.end_time = datetime.now(UTC).timestamp()
