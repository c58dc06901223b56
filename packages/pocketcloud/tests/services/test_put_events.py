import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn, entry

from pocketcloud import Kind

INVALID = [
    ({"Source": "aws.orders"}, "NotAuthorizedForSourceException"),
    ({"Detail": "[]"}, "MalformedDetail"),
    ({"Detail": '"text"'}, "MalformedDetail"),
    ({"Detail": "{"}, "MalformedDetail"),
    ({"Detail": '{"a": NaN}'}, "MalformedDetail"),
    ({"DetailType": "x" * 129}, "InvalidArgument"),
    ({"Source": ""}, "InvalidArgument"),
    ({"DetailType": ""}, "InvalidArgument"),
    ({"Detail": ""}, "InvalidArgument"),
]


@pytest.mark.parametrize(("wrong", "code"), INVALID)
def test_invalid_entry_fails_alone_with_its_code(world: World, wrong: dict[str, Any], code: str) -> None:
    response = world.cloud.put_events([entry(), {**entry(), **wrong}])
    assert response["FailedEntryCount"] == 1
    assert "EventId" in response["Entries"][0]
    assert response["Entries"][1]["ErrorCode"] == code
    assert len(world.hops(Kind.ACCEPTED)) == 1
    (rejected,) = world.hops(Kind.REFUSED)
    assert rejected.reason is not None
    assert rejected.reason.startswith(code)


def test_eleven_entries_are_rejected_together(world: World) -> None:
    with pytest.raises(ClientError, match="less than or equal to 10"):
        world.cloud.put_events([entry()] * 11)
    assert world.cloud.journal.hops == []


def test_request_size_is_limited_to_one_mebibyte(world: World) -> None:
    rest = len("orders") + len("OrderCreated") + len('{"a":""}')
    filler = "x" * (1024 * 1024 - 1 - rest)
    assert world.cloud.put_events([{**entry(), "Detail": f'{{"a":"{filler}"}}'}])["FailedEntryCount"] == 0
    with pytest.raises(ClientError, match="over the limit"):
        world.cloud.put_events([{**entry(), "Detail": f'{{"a":"{filler}x"}}'}])


@pytest.mark.parametrize(
    "bus", ["nowhere", arn("events", "event-bus/default").replace("eu-west-1", "eu-west-2")]
)
def test_entry_is_lost_when_its_bus_is_missing(world: World, bus: str) -> None:
    world.rule("all", {"source": ["orders"]}, {"Arn": world.queue("q")})
    response = world.cloud.put_events([entry(bus=bus, subject="o1"), entry(subject="o2")])
    world.cloud.settle()
    assert response["FailedEntryCount"] == 0
    assert all("EventId" in each for each in response["Entries"])
    assert [json.loads(body)["detail"]["subject"] for body in world.bodies("q")] == ["o2"]
    assert [lost.reason for lost in world.cloud.undelivered] == ["the event bus does not exist"]


def test_event_is_undelivered_when_no_rule_matches(world: World) -> None:
    world.cloud.put_events([entry(subject="o7")])
    (lost,) = world.cloud.undelivered
    assert (lost.where, lost.reason) == ("bus/default", "no rule with a target matched")
    assert lost.event is not None
    assert lost.event.subject == "o7"
