"""`orderbus status` shows queue depths, dead-lettered messages and the alarms that fire."""

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.core.account import Account
from cli.core.exit_codes import ExitCode
from cli.status.metrics import depths_of
from cli.status.status import watch_status
from pocketcloud import AwsCall
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.command_line import orderbus
from tests.workflow.shop import PREFIX, Shop, an_order

REGION = "eu-west-1"


def command(*arguments: str) -> tuple[int, str, str]:
    return orderbus("status", *arguments)


def components() -> dict[str, dict[str, Any]]:
    """Return the components by name, without the stage's prefix."""
    code, out, _ = command("--json")
    assert code == ExitCode.OK
    return {component["name"].removeprefix(f"{PREFIX}-"): component for component in json.loads(out)["hops"]}


def refuse_shipping(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    if call.function == f"{PREFIX}-shipping" and call.operation == "TransactWriteItems":
        raise OSError("no connection")
    return proceed()


def test_status_is_ok_and_counts_invocations(shop: Shop) -> None:
    shop.place(an_order())
    shop.cloud.settle()
    shop.cloud.advance(minutes=1)
    found = components()
    assert {component["state"] for component in found.values()} == {"ok"}
    for service in ("orders", "inventory", "payments", "shipping", "notifications", "fraud", "views"):
        component = found[service]
        assert (
            component["waiting"],
            component["in_flight"],
            component["dead_letters"],
            component["errors"],
        ) == (0, 0, 0, 0)
        assert component["invocations"] > 0
        assert component["objective"] == 900
    relay = found["relay"]
    assert (relay["waiting"], relay["dead_letters"], relay["objective"]) == (None, 0, 300)
    assert relay["oldest"] is not None
    assert found["order-bus"]["dead_letters"] == 0
    assert command("--check")[0] == ExitCode.OK


def test_status_shows_queue_depth_and_age(shop: Shop) -> None:
    mapping = mapping_of(shop, "fraud")
    client = shop.cloud.client("lambda")
    client.update_event_source_mapping(UUID=mapping, Enabled=False)
    try:
        shop.place(an_order())
        shop.cloud.advance(minutes=16)
        fraud = components()["fraud"]
    finally:
        client.update_event_source_mapping(UUID=mapping, Enabled=True)
    assert fraud["waiting"] == 1
    assert fraud["oldest"] >= 900
    assert fraud["state"] in {"late", "alarm"}


def mapping_of(shop: Shop, service: str) -> str:
    mappings = shop.cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    return next(
        str(each["UUID"]) for each in mappings if each["EventSourceArn"].endswith(f"{PREFIX}-{service}")
    )


def test_status_shows_dead_letters_before_the_alarm_fires(shop: Shop) -> None:
    with call_fault(shop.cloud, refuse_shipping):
        shop.place(an_order())
        shop.cloud.settle()
    assert components()["shipping"]["dead_letters"] == 1
    assert components()["shipping"]["state"] in {"late", "alarm"}
    shop.cloud.advance(minutes=5)
    assert components()["shipping"]["firing"] == [f"{PREFIX}-shipping-dlq-not-empty"]
    code, out, _ = command("--check")
    assert code == ExitCode.IN_ALARM
    assert f"{PREFIX}-shipping-dlq-not-empty" in out
    assert command()[0] == ExitCode.OK


def test_watch_refreshes_until_interrupted(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.cloud.outputs
    pauses = 0

    def pause() -> None:
        nonlocal pauses
        pauses += 1
        shop.cloud.advance(minutes=1)
        if pauses == 3:
            raise KeyboardInterrupt

    account = Account(stage="dev", region=REGION)
    assert watch_status(account, lambda: datetime.now(UTC), pause) == ExitCode.OK
    assert pauses == 3
    assert "No alarm fires." in capsys.readouterr().out


def test_watch_flushes_every_refresh_when_piped(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.cloud.outputs
    polls = []

    def pause() -> None:
        polls.append(capsys.readouterr().out.count("Stage dev"))
        if len(polls) == 3:
            raise KeyboardInterrupt

    watch_status(Account(stage="dev", region=REGION), lambda: datetime.now(UTC), pause)
    assert polls == [1, 1, 1]


@pytest.mark.parametrize(("failing", "is_printed"), [({1}, False), ({1, 2}, True)])
def test_watch_continues_after_an_error(
    shop: Shop,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    failing: set[int],
    is_printed: bool,
) -> None:
    assert shop.cloud.outputs
    original, polls, pauses = depths_of, count(), count(1)

    def depths(*arguments: Any) -> Any:
        if next(polls) in failing:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "ListQueues")
        return original(*arguments)

    def pause() -> None:
        if next(pauses) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("cli.status.status.depths_of", depths)
    account = Account(stage="dev", region=REGION)
    assert watch_status(account, lambda: datetime.now(UTC), pause) == ExitCode.OK
    out = capsys.readouterr().out.rpartition("Stage dev")[2]  # the last refresh
    assert ("ThrottlingException" in out) is is_printed
    assert "No alarm fires." in out


def test_status_prints_an_error_when_the_stage_is_missing(shop: Shop) -> None:
    assert shop.cloud.outputs
    code, out, err = command("--stage", "nowhere")
    assert (code, out) == (ExitCode.AWS_REFUSED, "")
    sentence, hint = err.strip().splitlines()
    assert sentence == "There is no stage nowhere here."
    assert hint.startswith("Check the stage, the credentials and the region")


def test_status_shows_alarms_when_orders_do_not_flow(shop: Shop) -> None:
    mapping = mapping_of(shop, "inventory")
    client = shop.cloud.client("lambda")
    client.update_event_source_mapping(UUID=mapping, Enabled=False)
    shop.place(an_order())
    shop.cloud.advance(minutes=19)
    client.update_event_source_mapping(UUID=mapping, Enabled=True)
    code, out, _ = command("--json")
    assert code == ExitCode.OK
    firing = {alarm["name"].removeprefix(f"{PREFIX}-") for alarm in json.loads(out)["firing"]}
    assert firing == {"inventory-message-age", "orders-are-not-flowing"}
    assert "orders-are-not-flowing" in command()[1]


@pytest.mark.usefixtures("shop")
def test_smoke_explains_when_the_stage_has_no_heartbeat() -> None:
    code, out, err = orderbus("smoke")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "has no heartbeat" in err
    assert "heartbeat_minutes" in err
