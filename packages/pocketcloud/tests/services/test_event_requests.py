"""Requests and responses of EventBridge that localstack's suite recorded on AWS (2024 to 2025).

https://github.com/localstack/localstack/blob/8b9a79f05846/tests/aws/services/events/test_events.py
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn, entry

ORDERS = {"source": ["orders"]}


def error_of(raised: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_bus_is_created_and_listed_with_its_description(world: World) -> None:
    events = world.cloud.client("events")
    assert events.create_event_bus(Name="b", Description="mine")["Description"] == "mine"
    (bus,) = events.list_event_buses(NamePrefix="b")["EventBuses"]
    assert {"Arn", "CreationTime", "Description", "LastModifiedTime", "Name"} == set(bus)


def test_targets_are_listed_in_pages(world: World) -> None:
    world.rule("all", ORDERS, *[{"Arn": world.queue("q")}] * 5)
    events = world.cloud.client("events")
    first = events.list_targets_by_rule(Rule="all", Limit=3)
    rest = events.list_targets_by_rule(Rule="all", NextToken=first["NextToken"])
    assert [each["Id"] for each in first["Targets"] + rest["Targets"]] == ["0", "1", "2", "3", "4"]
    assert "NextToken" not in rest


def test_permissions_are_added_and_replaced(world: World) -> None:
    events = world.cloud.client("events")
    for sid, principal in [("a", "111122223333"), ("b", "111122223333"), ("c", "*"), ("c", "*")]:
        events.put_permission(StatementId=sid, Action="events:PutEvents", Principal=principal)
    statements = json.loads(events.describe_event_bus()["Policy"])["Statement"]
    assert [(each["Sid"], each["Principal"]) for each in statements] == [
        ("a", {"AWS": "arn:aws:iam::111122223333:root"}),
        ("b", {"AWS": "arn:aws:iam::111122223333:root"}),
        ("c", "*"),
    ]
    only = {**statements[0], "Sid": "d"}
    events.put_permission(Policy=json.dumps({"Version": "2012-10-17", "Statement": [only]}))
    assert json.loads(events.describe_event_bus()["Policy"])["Statement"] == [only]


def test_missing_statement_cannot_be_removed(world: World) -> None:
    with pytest.raises(ClientError, match="Statement with the provided id does not exist"):
        world.cloud.client("events").remove_permission(StatementId="a")


def test_missing_rule_is_named_with_its_bus(world: World) -> None:
    with pytest.raises(ClientError, match="Rule gone does not exist on EventBus default"):
        world.cloud.client("events").describe_rule(Name="gone")


@pytest.mark.parametrize(
    ("target_id", "reason"),
    [("!@#$", "regular expression pattern"), ("x" * 65, "length less than or equal to 64")],
)
def test_target_id_is_checked(world: World, target_id: str, reason: str) -> None:
    with pytest.raises(ClientError, match=f"'targets.1.member.id' failed to satisfy constraint: .*{reason}"):
        world.rule("all", ORDERS, {"Id": target_id, "Arn": world.queue("q")})


def test_sixth_target_exceeds_the_limit(world: World) -> None:
    with pytest.raises(ClientError) as raised:
        world.rule("all", ORDERS, *[{"Arn": world.queue("q")}] * 6)
    assert error_of(raised) == (
        "LimitExceededException",
        "The requested resource exceeds the maximum number allowed.",
    )


def test_eleven_entries_are_printed_in_the_error(world: World) -> None:
    with pytest.raises(ClientError, match=r"Value '\[PutEventsRequestEntry\(time=null, source=orders, "):
        world.cloud.put_events([entry()] * 11)


def archive(world: World) -> str:
    default = arn("events", "event-bus/default")
    created = world.cloud.client("events").create_archive(ArchiveName="a", EventSourceArn=default)
    return str(created["ArchiveArn"])


def test_archive_counts_bytes_as_aws_does(world: World) -> None:
    archive(world)
    detail = {"command": "update-account", "payload": {"acc_id": "0a787ecb-4015", "sf_id": "baz"}}
    name = "core.update-account-command"
    world.cloud.put_events([{"Source": name, "DetailType": name, "Detail": json.dumps(detail)}] * 10)
    described = world.cloud.client("events").describe_archive(ArchiveName="a")
    assert (described["EventCount"], described["SizeBytes"]) == (10, 1590)


def test_archives_of_a_missing_bus_cannot_be_listed(world: World) -> None:
    with pytest.raises(ClientError, match="Event bus gone does not exist"):
        world.cloud.client("events").list_archives(EventSourceArn=arn("events", "event-bus/gone"))


@pytest.mark.parametrize("seconds", [0, 10])
def test_replay_must_end_after_it_starts(world: World, seconds: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    request: dict[str, Any] = {
        "ReplayName": "r",
        "EventSourceArn": archive(world),
        "EventStartTime": start,
        "EventEndTime": start - timedelta(seconds=seconds),
        "Destination": {"Arn": arn("events", "event-bus/default")},
    }
    with pytest.raises(ClientError, match="EventStartTime must be before EventEndTime"):
        world.cloud.client("events").start_replay(**request)
