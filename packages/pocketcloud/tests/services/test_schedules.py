"""Scheduled rules, and asynchronous invocations of functions."""

import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import FAILING, World, arn

from pocketcloud import Kind

PRINTING = """
    import json
    def handle(event, context):
        print(json.dumps(event))
"""


def schedule(world: World, *targets: str, rate: str = "rate(1 minute)", **options: str) -> None:
    events = world.cloud.client("events")
    events.put_rule(Name="tick", ScheduleExpression=rate, **options)
    events.put_targets(
        Rule="tick", Targets=[{"Id": str(n), "Arn": target} for n, target in enumerate(targets)]
    )
    for target in targets:
        if target.endswith(":f"):
            world.permit("f", by="tick")


def ticks(world: World) -> list[dict[str, Any]]:
    return [json.loads(line) for line in world.cloud.logs("f")]


def test_function_gets_the_scheduled_event_once_per_period(world: World) -> None:
    schedule(world, world.function("f", PRINTING), rate="rate(2 minutes)")
    began = world.cloud.clock.now()
    world.cloud.advance(minutes=5)
    first, second = ticks(world)
    assert first.pop("id") != second["id"]
    assert first == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": (began + timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "eu-west-1",
        "resources": [arn("events", "rule/tick")],
        "detail": {},
    }


def test_rule_runs_at_the_times_of_its_cron_expression(world: World) -> None:
    schedule(world, world.function("f", PRINTING), rate="cron(0/30 13 * * ? *)")
    world.cloud.advance(days=1)
    assert [each["time"][11:] for each in ticks(world)] == ["13:00:00Z", "13:30:00Z"]


def test_queue_gets_the_scheduled_event(world: World) -> None:
    schedule(world, world.queue("q"))
    world.cloud.advance(minutes=1, seconds=1)
    (body,) = world.bodies("q")
    assert json.loads(body)["detail-type"] == "Scheduled Event"


def test_schedule_does_not_keep_the_cloud_from_settling(world: World) -> None:
    schedule(world, world.function("f", PRINTING))
    began = world.cloud.clock.now()
    world.cloud.settle()
    assert (world.cloud.clock.now(), ticks(world)) == (began, [])


@pytest.mark.parametrize("end", ["disabled", "deleted", "other rate"])
def test_changed_rule_no_longer_fires_by_its_old_schedule(world: World, end: str) -> None:
    schedule(world, world.function("f", PRINTING))
    events = world.cloud.client("events")
    world.cloud.advance(seconds=30)
    if end == "disabled":
        events.disable_rule(Name="tick")
    elif end == "other rate":
        events.put_rule(Name="tick", ScheduleExpression="rate(1 day)")
    else:
        events.remove_targets(Rule="tick", Ids=[target["Id"] for target in _targets(world)])
        events.delete_rule(Name="tick")
    world.cloud.advance(minutes=10)
    assert ticks(world) == []


def _targets(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.cloud.client("events").list_targets_by_rule(Rule="tick")["Targets"]
    return found


def test_reset_restarts_the_schedule(world: World) -> None:
    schedule(world, world.function("f", PRINTING))
    world.cloud.advance(seconds=50)
    world.cloud.reset()
    world.cloud.advance(seconds=50)
    assert ticks(world) == []
    world.cloud.advance(seconds=11)
    assert len(ticks(world)) == 1


def test_only_the_default_bus_has_schedules(world: World) -> None:
    world.bus("other")
    with pytest.raises(ClientError, match="only on the default event bus"):
        schedule(world, EventBusName="other")


def test_failed_asynchronous_invocation_is_retried_twice_then_dropped(world: World) -> None:
    function = world.function("f", FAILING)
    schedule(world, function, rate="rate(1 day)")
    world.cloud.advance(days=1, minutes=10)
    assert len(world.hops(Kind.INVOKED)) == len(world.hops(Kind.FAILED)) == 3
    waits = [hop.at for hop in world.hops(Kind.INVOKED)]
    assert [later - earlier for earlier, later in pairwise(waits)] == [
        timedelta(minutes=1),
        timedelta(minutes=2),
    ]
    (lost,) = world.cloud.undelivered
    assert (lost.where, lost.reason) == ("function/f", "RuntimeError: no")


def test_missing_function_is_a_delivery_error(world: World) -> None:
    schedule(world, arn("lambda", "function:gone"))
    world.cloud.advance(minutes=1, seconds=1)
    (lost,) = world.cloud.undelivered
    assert "function/gone does not exist" in lost.reason


def test_skip_does_not_run_schedules(world: World) -> None:
    schedule(world, world.function("f", PRINTING))
    began = world.cloud.clock.now()
    world.cloud.skip(days=3)
    assert world.cloud.clock.now() == began + timedelta(days=3)
    assert ticks(world) == []
    world.cloud.advance(minutes=3, seconds=1)
    assert len(ticks(world)) == 4, "one overdue event, and those of three minutes"


def test_skip_delivers_what_is_in_flight_first(world: World) -> None:
    world.reacting("q")
    world.send("q", "m")
    world.cloud.skip(days=3)
    assert [delivery.at.day for delivery in world.cloud.deliveries] == [1]
