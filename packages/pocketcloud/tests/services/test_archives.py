from datetime import timedelta
from typing import Any

from small_world import World, arn, entry

from pocketcloud import Kind
from pocketcloud.virtual_time.clock import START

ORDERS = {"source": ["orders"]}


def archived(world: World, *, days: int = 3) -> None:
    """Create a bus with an archive, two rules with a queue each, and one event per day."""
    world.bus("b")
    settings: dict[str, Any] = {"ArchiveName": "past", "EventSourceArn": arn("events", "event-bus/b")}
    world.cloud.client("events").create_archive(**settings)
    world.rule("one", {**ORDERS, "replay-name": [{"exists": False}]}, {"Arn": world.queue("one")}, bus="b")
    world.rule("two", {"replay-name": [{"prefix": "two"}]}, {"Arn": world.queue("two")}, bus="b")
    for day in range(days):
        world.cloud.put_events([entry(bus="b", subject=f"day-{day}")])
        world.cloud.settle()
        world.cloud.scheduler.run_until(START + timedelta(days=day + 1))


def replay(world: World, name: str, *, first: float, last: float, **destination: Any) -> None:
    """Replay the events between these days."""
    world.cloud.client("events").start_replay(
        ReplayName=name,
        EventSourceArn=arn("events", "archive/past"),
        EventStartTime=START + timedelta(days=first),
        EventEndTime=START + timedelta(days=last),
        Destination={"Arn": arn("events", "event-bus/b"), **destination},
    )
    world.cloud.settle()


def test_event_that_reaches_only_an_archive_is_undelivered(world: World) -> None:
    world.bus("b")
    world.cloud.client("events").create_archive(
        ArchiveName="past", EventSourceArn=arn("events", "event-bus/b")
    )
    world.cloud.put_events([entry(bus="b")])
    assert world.cloud.client("events").describe_archive(ArchiveName="past")["EventCount"] == 1
    assert [lost.where for lost in world.cloud.undelivered] == ["bus/b"]


def test_replay_sets_its_name_for_rules(world: World) -> None:
    archived(world)
    replay(world, "two-again", first=0, last=9)
    assert len(world.bodies("one")) == 3
    bodies = world.bodies("two")
    assert len(bodies) == 3
    assert all('"replay-name":"two-again"' in body for body in bodies)
    described = world.cloud.client("events").describe_replay(ReplayName="two-again")
    assert described["State"] == "COMPLETED"


def test_replay_is_limited_to_its_time_window(world: World) -> None:
    archived(world)
    replay(world, "two", first=1, last=2)
    assert ["day-1" in body for body in world.bodies("two")] == [True]


def test_replay_is_limited_to_its_rules(world: World) -> None:
    archived(world, days=1)
    replay(world, "two", first=0, last=9, FilterArns=[arn("events", "rule/b/one")])
    assert world.bodies("two") == []
    assert world.cloud.undelivered[-1].reason == "no rule with a target matched"


def test_replayed_event_is_not_archived_again(world: World) -> None:
    archived(world, days=1)
    replay(world, "two", first=0, last=9)
    assert world.cloud.client("events").describe_archive(ArchiveName="past")["EventCount"] == 1


def test_archive_forgets_events_after_its_retention(world: World) -> None:
    archived(world)
    world.cloud.client("events").update_archive(ArchiveName="past", RetentionDays=1)
    replay(world, "two", first=0, last=9)
    assert ["day-2" in body for body in world.bodies("two")] == [True]


def test_cancelled_replay_stops_delivering(world: World) -> None:
    archived(world)
    events = world.cloud.client("events")
    events.start_replay(
        ReplayName="two",
        EventSourceArn=arn("events", "archive/past"),
        EventStartTime=START,
        EventEndTime=START + timedelta(days=9),
        Destination={"Arn": arn("events", "event-bus/b")},
    )
    events.cancel_replay(ReplayName="two")
    world.cloud.settle()
    assert world.bodies("two") == []
    assert [hop.source for hop in world.hops(Kind.ACCEPTED)] == ["client"] * 3
