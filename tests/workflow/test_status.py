"""`orderbus status` shows what waits where, what was set aside, and which alarm rings."""

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.core.account import Account
from cli.core.exit_codes import ExitCode
from cli.status.components import depths_of
from cli.status.status import watch_status
from pocketcloud import AwsCall
from tests.workflow.command_line import orderbus
from tests.workflow.shop import PREFIX, Shop, an_order
from tests.workflow.troubles import Proceed, trouble

REGION = "eu-west-1"


def command(*arguments: str) -> tuple[int, str, str]:
    return orderbus("status", *arguments)


def hops() -> dict[str, dict[str, Any]]:
    """By their names without the stage's prefix."""
    code, out, _ = command("--json")
    assert code == ExitCode.OK
    return {hop["name"].removeprefix(f"{PREFIX}-"): hop for hop in json.loads(out)["hops"]}


def refuse_shipping(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    if call.function == f"{PREFIX}-shipping" and call.operation == "TransactWriteItems":
        raise OSError("no connection")
    return proceed()


def test_a_stage_at_work_is_in_order_and_its_functions_are_counted(shop: Shop) -> None:
    shop.place(an_order())
    shop.cloud.settle()
    shop.cloud.advance(minutes=1)
    found = hops()
    assert {hop["state"] for hop in found.values()} == {"ok"}
    for service in ("orders", "inventory", "payments", "shipping", "notifications", "fraud", "views"):
        hop = found[service]
        assert (hop["waiting"], hop["in_flight"], hop["dead_letters"], hop["errors"]) == (0, 0, 0, 0)
        assert hop["invocations"] > 0
        assert hop["objective"] == 900
    relay = found["relay"]
    assert (relay["waiting"], relay["dead_letters"], relay["objective"]) == (None, 0, 300)
    assert relay["oldest"] is not None
    assert found["order-bus"]["dead_letters"] == 0
    assert command("--check")[0] == ExitCode.OK


def test_what_waits_and_how_old_it_is_is_shown(shop: Shop) -> None:
    mapping = mapping_of(shop, "fraud")
    client = shop.cloud.client("lambda")
    client.update_event_source_mapping(UUID=mapping, Enabled=False)
    try:
        shop.place(an_order())
        shop.cloud.advance(minutes=16)
        fraud = hops()["fraud"]
    finally:
        client.update_event_source_mapping(UUID=mapping, Enabled=True)
    assert fraud["waiting"] == 1
    assert fraud["oldest"] >= 900
    assert fraud["state"] in {"late", "ringing"}


def mapping_of(shop: Shop, service: str) -> str:
    mappings = shop.cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    return next(
        str(each["UUID"]) for each in mappings if each["EventSourceArn"].endswith(f"{PREFIX}-{service}")
    )


def test_a_dead_letter_is_seen_at_once_and_rings_within_minutes(shop: Shop) -> None:
    with trouble(shop.cloud, refuse_shipping):
        shop.place(an_order())
        shop.cloud.settle()
    assert hops()["shipping"]["dead_letters"] == 1
    assert hops()["shipping"]["state"] in {"late", "ringing"}
    shop.cloud.advance(minutes=5)
    assert hops()["shipping"]["ringing"] == [f"{PREFIX}-shipping-dlq-not-empty"]
    code, out, _ = command("--check")
    assert code == ExitCode.IN_ALARM
    assert f"{PREFIX}-shipping-dlq-not-empty" in out
    assert command()[0] == ExitCode.OK


def test_it_is_shown_again_until_it_is_interrupted(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
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
    assert "No alarm rings." in capsys.readouterr().out


def test_watch_prints_every_look_at_once_when_piped(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.cloud.outputs
    looks = []

    def pause() -> None:
        looks.append(capsys.readouterr().out.count("Stage dev"))
        if len(looks) == 3:
            raise KeyboardInterrupt

    watch_status(Account(stage="dev", region=REGION), lambda: datetime.now(UTC), pause)
    assert looks == [1, 1, 1]


@pytest.mark.parametrize(("failing", "is_said"), [({1}, False), ({1, 2}, True)])
def test_a_look_that_fails_is_said_with_what_was_seen_last_and_the_next_may_be_better(
    shop: Shop,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    failing: set[int],
    is_said: bool,  # noqa: FBT001 - a table of cases
) -> None:
    assert shop.cloud.outputs
    original, looks, pauses = depths_of, count(), count(1)

    def depths(*arguments: Any) -> Any:
        if next(looks) in failing:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "ListQueues")
        return original(*arguments)

    def pause() -> None:
        if next(pauses) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("cli.status.status.depths_of", depths)
    account = Account(stage="dev", region=REGION)
    assert watch_status(account, lambda: datetime.now(UTC), pause) == ExitCode.OK
    out = capsys.readouterr().out.rpartition("Stage dev")[2]  # the last look
    assert ("ThrottlingException" in out) is is_said
    assert "No alarm rings." in out


def test_a_stage_that_is_not_there_is_one_sentence_and_a_hint(shop: Shop) -> None:
    assert shop.cloud.outputs
    code, out, err = command("--stage", "nowhere")
    assert (code, out) == (ExitCode.AWS_REFUSED, "")
    sentence, hint = err.strip().splitlines()
    assert sentence == "There is no stage nowhere here."
    assert hint.startswith("Check the stage, the credentials and the region")


def test_that_orders_do_not_flow_is_shown_with_what_keeps_them(shop: Shop) -> None:
    mapping = mapping_of(shop, "inventory")
    client = shop.cloud.client("lambda")
    client.update_event_source_mapping(UUID=mapping, Enabled=False)
    shop.place(an_order())
    shop.cloud.advance(minutes=19)
    client.update_event_source_mapping(UUID=mapping, Enabled=True)
    code, out, _ = command("--json")
    assert code == ExitCode.OK
    ringing = {alarm["name"].removeprefix(f"{PREFIX}-") for alarm in json.loads(out)["ringing"]}
    assert ringing == {"inventory-message-age", "orders-are-not-flowing"}
    assert "orders-are-not-flowing" in command()[1]
