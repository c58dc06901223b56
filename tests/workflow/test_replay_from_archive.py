"""`orderbus replay --from-archive`: an EventBridge replay to one consumer's rule."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from cli.core.exit_codes import ExitCode
from cli.replay.archive import POLL_INTERVAL_SECONDS
from pocketcloud.core.journal import Kind
from tests.workflow.command_line import orderbus
from tests.workflow.invariants import violations
from tests.workflow.replays import done, log_of, one_order_per_outcome, planned
from tests.workflow.shop import PREFIX, Shop, an_order

WINDOW = ("--from-archive", "--since", "1d")


@pytest.fixture(autouse=True)
def pauses(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Advance the cloud's time a little instead of sleeping; record the pauses."""
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        shop.cloud.advance(milliseconds=200)

    monkeypatch.setattr("cli.replay.commands.sleep", wait)
    return waited


def replays(shop: Shop) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.cloud.client("events").list_replays()["Replays"]
    return found


def test_archive_replay_only_shows_its_plan_without_yes(shop: Shop) -> None:
    one_order_per_outcome(shop)
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


def test_archive_replay_reaches_one_consumer_and_waits(shop: Shop, pauses: list[float]) -> None:
    one_order_per_outcome(shop)
    hops_before = len(shop.cloud.journal.hops)
    report = done("replay", "payments", *WINDOW)
    shop.cloud.settle()
    assert report["state"] == "COMPLETED"
    assert report["replayed_up_to"] is not None
    assert set(pauses) == {POLL_INTERVAL_SECONDS}
    again = [
        hop
        for hop in shop.cloud.journal.hops[hops_before:]
        if hop.kind is Kind.MATCHED and hop.source == f"bus/{PREFIX}-order-bus"
    ]
    assert {hop.destination for hop in again} == {f"rule/{PREFIX}-payments-replay"}
    assert len(again) == 8


def test_archive_replay_does_not_wait_with_no_wait(shop: Shop) -> None:
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
    since_publication = described["EventLastReplayedTime"] - last.replace(microsecond=0)
    assert timedelta() <= since_publication < timedelta(seconds=5)
    assert planned("replay", "views", *WINDOW)["under_way"] == 0


def test_archive_replay_reports_its_state_when_cancelled(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.place(an_order())
    shop.cloud.settle()

    def cancel(_: float) -> None:
        shop.cloud.client("events").cancel_replay(ReplayName=replays(shop)[0]["ReplayName"])
        shop.cloud.settle()

    monkeypatch.setattr("cli.replay.commands.sleep", cancel)
    code, out, _ = orderbus("replay", "views", *WINDOW, "--yes")
    assert code == ExitCode.INCOMPLETE
    assert "ended as CANCELLED" in out


def test_archive_replay_continues_when_the_wait_is_interrupted(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    assert not [each for each in violations(shop) if "no rule with a target" not in each]


def test_archive_replay_continues_when_the_wait_fails(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_archive_replay_reports_the_limit_of_concurrent_replays(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
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
