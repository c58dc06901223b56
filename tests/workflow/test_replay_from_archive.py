"""`orderbus replay --from-archive`: EventBridge's own replay, which one consumer's rule hears."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from cli.core.exit_codes import ExitCode
from pocketcloud.core.journal import Kind
from tests.workflow.command_line import orderbus
from tests.workflow.judge import complaints
from tests.workflow.replays import done, every_kind_of_ending, log_of, planned
from tests.workflow.shop import PREFIX, Shop, an_order

WINDOW = ("--from-archive", "--since", "1d")


@pytest.fixture(autouse=True)
def waits(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Whoever waits lets a little of the cloud's time pass; how often that was."""
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        shop.cloud.advance(milliseconds=200)

    monkeypatch.setattr("cli.replay.commands.sleep", wait)
    return waited


def replays(shop: Shop) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.cloud.client("events").list_replays()["Replays"]
    return found


def test_without_yes_it_says_the_window_and_the_rule_and_starts_nothing(shop: Shop) -> None:
    every_kind_of_ending(shop)
    shop.cloud.advance(hours=2)
    plan = planned("replay", "payments", *WINDOW, "--until", "1h")
    assert plan["rule_arn"].endswith(f"rule/{PREFIX}-order-bus/{PREFIX}-payments-replay")
    assert plan["facts"] == ["InventoryReserved", "OrderCancelled"]
    assert (plan["archived_events"], plan["under_way"], plan["state"]) == (28, 0, "NOT_STARTED")
    assert plan["notes"] == []
    code, out, _ = orderbus("replay", "payments", *WINDOW)
    assert code == ExitCode.OK
    assert "Events of the last ten minutes may not be in the archive yet." in out
    assert "Nothing was started. Add --yes to start it as orderbus-dev-payments-" in out
    assert replays(shop) == []


def test_only_that_consumer_hears_it_and_the_command_waits_until_it_has_been_told(
    shop: Shop, waits: list[float]
) -> None:
    every_kind_of_ending(shop)
    heard_before = len(shop.cloud.journal.hops)
    report = done("replay", "payments", *WINDOW)
    shop.cloud.settle()
    assert report["state"] == "COMPLETED"
    assert report["told_up_to"] is not None
    assert set(waits) == {5}
    again = [
        hop
        for hop in shop.cloud.journal.hops[heard_before:]
        if hop.kind is Kind.MATCHED and hop.source == f"bus/{PREFIX}-order-bus"
    ]
    assert {hop.destination for hop in again} == {f"rule/{PREFIX}-payments-replay"}
    assert len(again) == 8


def test_it_says_how_far_it_is_and_need_not_wait(shop: Shop) -> None:
    shop.place(an_order())
    shop.cloud.settle()
    code, out, _ = orderbus("replay", "views", *WINDOW, "--yes", "--no-wait")
    assert code == ExitCode.OK
    assert "Started as orderbus-dev-views-" in out
    (running,) = replays(shop)
    assert running["State"] == "RUNNING"
    shop.cloud.advance(minutes=1)
    described = shop.cloud.client("events").describe_replay(ReplayName=running["ReplayName"])
    last = datetime.fromisoformat(log_of(shop)[-1]["time"])
    since_it_was_stated = described["EventLastReplayedTime"] - last.replace(microsecond=0)
    assert timedelta() <= since_it_was_stated < timedelta(seconds=5)
    assert planned("replay", "views", *WINDOW)["under_way"] == 0


def test_a_replay_that_is_cancelled_meanwhile_ends_in_its_state(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.place(an_order())
    shop.cloud.settle()

    def cancel(_: float) -> None:
        shop.cloud.client("events").cancel_replay(ReplayName=replays(shop)[0]["ReplayName"])
        shop.cloud.settle()

    monkeypatch.setattr("cli.replay.commands.sleep", cancel)
    code, out, _ = orderbus("replay", "views", *WINDOW, "--yes")
    assert code == ExitCode.INCOMPLETE
    assert "ended as CANCELLED" in out


def test_who_stops_watching_is_told_that_it_goes_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.place(an_order())
    shop.cloud.settle()

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.replay.commands.sleep", interrupt)
    code, out, err = orderbus("replay", "views", *WINDOW, "--yes")
    assert (code, out) == (ExitCode.INCOMPLETE, "")
    assert "The replay continues without this command" in err
    shop.cloud.settle()
    assert replays(shop)[0]["State"] == "COMPLETED"
    assert not [each for each in complaints(shop) if "no rule with a target" not in each]


def test_where_watching_fails_it_is_said_that_the_replay_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.place(an_order())
    shop.cloud.settle()
    original = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 - the one way to AWS

    def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "DescribeReplay":
            raise ClientError({"Error": {"Code": "ExpiredTokenException"}}, operation)
        return original(client, operation, parameters)

    with monkeypatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", call)
        code, out, err = orderbus("replay", "views", *WINDOW, "--yes")
    assert (code, out) == (ExitCode.AWS_REFUSED, "")
    assert "ExpiredTokenException" in err
    assert f"The replay continues without this command; its name in EventBridge is {PREFIX}-views-" in err
    shop.cloud.settle()
    assert replays(shop)[0]["State"] == "COMPLETED"


def test_eleven_at_a_time_are_one_too_many(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    original = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 - the one way to AWS

    def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "StartReplay":
            raise ClientError({"Error": {"Code": "LimitExceededException"}}, operation)
        return original(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    code, out, err = orderbus("replay", "views", *WINDOW, "--yes")
    assert shop.cloud.outputs
    assert (code, out) == (ExitCode.AWS_REFUSED, "")
    assert "EventBridge already runs 10 replays" in err
