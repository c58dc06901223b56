"""`orderbus dlq` changes only what it is told to, says who did what, and may be killed at any moment."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from botocore.client import BaseClient

from cli.core.exit_codes import ExitCode
from pocketcloud import Crash
from tests.workflow.dead_letters import (
    a_bug,
    a_parked_order,
    assert_shipped_once,
    command,
    groups,
    redriven,
    send,
    wrong_with,
)
from tests.workflow.judge import SHIPPED
from tests.workflow.shop import PREFIX, Shop, a_checkout, an_order, checkout_entry


def test_a_letter_is_mended_only_into_what_its_consumer_takes_and_the_difference_is_kept(shop: Shop) -> None:
    lines = [{"sku": "CUP", "quantity": "2", "unit_price": 650}]
    shop.cloud.put_events([checkout_entry(a_checkout(lines=lines))])
    shop.cloud.settle()
    (message,) = groups()[0]["messages"]
    for setting in (
        "/data/lines/0/quantity=-1",
        "/data/lines/7/quantity=1",
        "/source=payments",
        "quantity=1",
    ):
        code, _, err = command("edit", message, "--yes", "--set", setting)
        assert (code, "Nothing was changed." in err) == (ExitCode.USAGE, True), setting
    code, out, _ = command("edit", message, "--set", "/data/lines/0/quantity=2")
    assert (code, "Nothing was done" in out) == (ExitCode.OK, True)
    shop.cloud.settle()
    assert shop.rows("orders") == []
    assert command("edit", message, "--yes", "--set", "/data/lines/0/quantity=2")[0] == ExitCode.OK
    shop.cloud.settle()
    (order,) = shop.rows("orders")
    assert_shipped_once(shop, order["order_id"])
    (entry,) = (row for row in shop.rows("audit") if row["entry"] == message)
    assert json.loads(entry["difference"]) == [
        {"pointer": "/data/lines/0/quantity", "before": '"2"', "after": "2"}
    ]
    assert entry["by"].startswith("arn:aws:")
    assert (entry["deed"], entry["reason"], entry["to"]) == (
        "edit",
        "data_invalid",
        f"queue {PREFIX}-orders",
    )


def test_an_edit_is_refused_when_its_event_is_still_too_old(shop: Shop) -> None:
    entry = checkout_entry(a_checkout())
    detail = {**json.loads(entry["Detail"]), "time": "2020-01-01T00:00:00Z"}
    shop.cloud.put_events([{**entry, "Detail": json.dumps(detail)}])
    shop.cloud.settle()
    (group,) = groups()
    (message,) = group["messages"]
    code, _, err = command("edit", message, "--yes", "--set", "/data/lines/0/quantity=2")
    assert (group["reason"], code) == ("time_in_past", ExitCode.USAGE)
    assert "time_in_past: its time is more than 90 days before its arrival" in err
    now = shop.cloud.clock.now().isoformat()
    assert command("edit", message, "--yes", "--set", f"/time={now}")[0] == ExitCode.OK
    shop.cloud.settle()
    (order,) = shop.rows("orders")
    assert_shipped_once(shop, order["order_id"])


def test_a_purge_keeps_what_it_removes_and_asks(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "gone.jsonl"
    for service in ("views", "fraud"):
        send(shop, service, f"no JSON for {service}")
    shop.cloud.settle()
    code, out, _ = command("purge", "--to", str(file))
    assert (code, "2 would be purged" in out, file.exists()) == (ExitCode.OK, True, False)
    assert command("purge", "--to", str(file), "--yes", "--consumer", "views")[0] == ExitCode.OK
    assert command("purge", "--to", str(file), "--yes")[0] == ExitCode.OK
    kept = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["body"] for each in kept] == ["no JSON for views", "no JSON for fraud"]
    assert kept[0]["attributes"]["reason"] == "json_invalid"
    assert file.stat().st_mode & 0o777 == 0o600
    assert groups() == []


def test_a_purge_into_a_file_that_cannot_be_written_removes_nothing(shop: Shop, tmp_path: Path) -> None:
    send(shop, "views-dlq", "what is this?")
    code, _, err = command("purge", "--yes", "--to", str(tmp_path / "nowhere" / "gone.jsonl"))
    assert (code, "cannot be written" in err) == (ExitCode.USAGE, True)
    assert [group["count"] for group in groups()] == [1]


def test_a_letter_that_fails_again_says_that_it_was_put_back_before(shop: Shop) -> None:
    order_id = a_parked_order(shop)
    for count in (1, 2):
        with a_bug(shop, "payments"):
            action = redriven()["action_id"]
            shop.cloud.settle()
        (group,) = groups()
        assert (group["redriven"], group["reason"]) == (count, "reaction_failed")
        assert json.loads(command("show", group["messages"][0], "--json")[1])["last_action"] == action
    redriven()
    shop.cloud.settle()
    assert_shipped_once(shop, order_id)
    assert sum(row["entry"] == "beginning" for row in shop.rows("audit")) == 3


def test_the_trail_says_who_did_what_to_which_letter_and_when(shop: Shop, tmp_path: Path) -> None:
    assert "Nothing was done." in command("log")[1]
    order_id = a_parked_order(shop)
    action = redriven()["action_id"]
    shop.cloud.advance(minutes=1)
    send(shop, "views-dlq", "what is this?")
    assert command("purge", "--yes", "--to", str(tmp_path / "gone.jsonl"))[0] == ExitCode.OK
    beginning, letter, _, purged = trail()
    assert (beginning["entry"], beginning["selected"], beginning["letters"]) == ("beginning", "all", "1")
    assert (letter["action_id"], letter["deed"], letter["subject"]) == (action, "redrive", order_id)
    assert (purged["deed"], purged["queue"]) == ("purge", f"{PREFIX}-views-dlq")
    assert all(entry["by"].startswith("arn:aws:") and entry["at"] for entry in (letter, purged))
    assert trail("--order", order_id) == [letter]
    assert trail("--action", action[:8]) == [beginning, letter]
    assert f"queue {PREFIX}-payments" in command("log", "--action", action)[1]


def trail(*arguments: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(command("log", "--json", *arguments)[1])["entries"]
    return entries


class Killed:
    """The operator's process dies after the n-th of its calls, and makes no other."""

    def __init__(self, nth: int) -> None:
        self.nth = nth
        self.made: list[str] = []
        self._depth = 0

    @contextmanager
    def here(self) -> Iterator[None]:
        original = vars(BaseClient)["_make_api_call"]

        def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            if self._depth:
                return original(client, operation, parameters)
            if self.nth and len(self.made) >= self.nth:
                raise Crash
            self._depth += 1
            try:
                answer = original(client, operation, parameters)
            finally:
                self._depth -= 1
            self.made.append(operation)
            if len(self.made) == self.nth:
                raise Crash
            return answer

        with patch.object(BaseClient, "_make_api_call", call), suppress(Crash):
            yield


def test_killed_after_any_of_its_calls_a_redrive_is_run_again_and_all_ends_well(shop: Shop) -> None:
    a_parked_order(shop)
    quiet = Killed(0)
    with quiet.here():
        redriven("--consumer", "payments")
    assert quiet.made.index("SendMessage") < quiet.made.index("DeleteMessageBatch")
    for nth in range(1, len(quiet.made) + 1):
        shop.cloud.reset()
        shop.open()
        order_id = a_parked_order(shop)
        with Killed(nth).here():
            redriven("--consumer", "payments")
        shop.cloud.settle()
        shop.cloud.advance(minutes=6)
        redriven("--consumer", "payments")
        shop.cloud.settle()
        assert_shipped_once(shop, order_id)


def interrupt_the_second() -> Callable[..., None]:
    """Something that is called once a letter, during the second of which somebody types Ctrl-C."""
    calls = iter((False, True))

    def call(*_: object) -> None:
        if next(calls):
            raise KeyboardInterrupt

    return call


def test_an_interrupted_redrive_says_how_far_it_came_and_goes_on_when_run_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_bug(shop, "payments"):
        orders = [shop.place(an_order(), key=f"k{number}") for number in range(3)]
        shop.cloud.settle()
    with monkeypatch.context() as patched:
        patched.setattr("cli.dlq.commands._pause", lambda _: interrupt_the_second())
        code, out, err = command("redrive", "--yes")
    assert (code, out) == (ExitCode.INCOMPLETE, "")
    assert err.startswith("2 of 3 put back, then: it was interrupted.\n")
    assert "run the same command again" in err
    assert len(redriven()["done"]) == 1
    shop.cloud.settle()
    for order_id in orders:
        assert shop.facts(order_id) == SHIPPED
    assert wrong_with(shop) == []


def test_an_interrupted_purge_says_how_far_it_came(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        send(shop, "views-dlq", f"letter {number}")
    with monkeypatch.context() as patched:
        patched.setattr("cli.dlq.purge_file.os.fsync", interrupt_the_second())
        code, _, err = command("purge", "--yes", "--to", str(tmp_path / "gone.jsonl"))
    assert code == ExitCode.INCOMPLETE
    assert err.startswith("1 of 2 purged, then: it was interrupted.\n")
    assert [group["count"] for group in groups()] == [1]


def test_what_aws_refuses_half_way_is_said_with_how_far_it_came(shop: Shop) -> None:
    a_parked_order(shop)
    with patch("infrastructure.names.Names.queue", lambda *_: "nowhere"):
        code, _, err = command("redrive", "--yes")
    assert code == ExitCode.AWS_REFUSED
    assert err.startswith("0 of 1 put back, then: An error occurred")


def test_without_an_audit_trail_nothing_is_done(shop: Shop) -> None:
    a_parked_order(shop)
    with patch("infrastructure.names.Names.audit", "nowhere"):
        code, _, err = command("redrive", "--yes")
    assert (code, "run the same command again" in err) == (ExitCode.AWS_REFUSED, True)
    shop.cloud.settle()
    assert [group["count"] for group in groups()] == [1]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("ls", "--consumer", "nobody"), ExitCode.USAGE, "nobody keeps no dead letters."),
        (("ls", "--order", "7"), ExitCode.USAGE, "7 is no order's id."),
        (("log", "--order", "7"), ExitCode.USAGE, "7 is no order's id."),
        (("ls", "--older-than", "soon"), ExitCode.USAGE, "soon is no length of time."),
        (("show", "ffffffff"), ExitCode.USAGE, "No dead letters have an id that begins ffffffff."),
        (("ls", "--stage", "nowhere"), ExitCode.AWS_REFUSED, "GetQueueUrl"),
    ],
)
def test_mistakes_are_said_in_one_sentence_with_a_hint(
    shop: Shop, arguments: tuple[str, ...], code: int, said: str
) -> None:
    assert shop.cloud.outputs
    given, out, err = command(*arguments)
    assert (given, out) == (code, "")
    assert said in err
    assert len(err.strip().splitlines()) == 2
