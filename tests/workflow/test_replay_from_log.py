"""`orderbus replay` from the event log: which facts, in which form, how often, and how far."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from cli.core.exit_codes import ExitCode
from tests.workflow.command_line import orderbus
from tests.workflow.judge import complaints
from tests.workflow.replays import (
    DEV,
    done,
    every_kind_of_ending,
    log_of,
    messages_for,
    planned,
    told,
)
from tests.workflow.shop import Shop, an_order

HEARD_BY_PAYMENTS = {"InventoryReserved", "OrderCancelled"}


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long somebody waited; in here the time stands still, and a queue keeps what is sent to it."""
    waited: list[float] = []
    monkeypatch.setattr("cli.replay.commands.sleep", waited.append)
    return waited


def ids(events: list[dict[str, Any]]) -> list[str]:
    return [event["id"] for event in events]


def details(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event["detail"] for event in events]


def test_without_yes_it_says_what_it_would_send_and_sends_nothing(shop: Shop) -> None:
    every_kind_of_ending(shop)
    report = planned("replay", "--into", "payments")
    assert set(report["facts"]) == HEARD_BY_PAYMENTS
    assert report["due"] == sum(report["facts"].values()) == 8
    assert (report["sent"], report["requests_to_send"], report["requests_to_read"]) == (0, 1, 1)
    code, out, _ = orderbus("replay", "--into", "payments")
    assert code == ExitCode.OK
    assert "8 facts for queue orderbus-dev-payments: 4 InventoryReserved, 4 OrderCancelled." in out
    assert "Nothing was sent. Add --yes to send it: 1 requests, 0 s at least." in out
    assert messages_for(shop, "payments") == []


def test_an_order_is_told_in_its_order_and_to_that_consumer_alone(shop: Shop) -> None:
    order = every_kind_of_ending(shop)["cancelled after the capture"]
    before = list(shop.cloud.deliveries)
    assert done("replay", "payments", "--order", order)["facts"] == {
        "InventoryReserved": 1,
        "OrderCancelled": 1,
    }
    expected = [event for event in shop.events(order) if event["type"] in HEARD_BY_PAYMENTS]
    assert details(told(shop, "payments")) == expected
    assert list(shop.cloud.deliveries) == before


def test_all_of_history_comes_in_the_order_in_which_it_happened(shop: Shop) -> None:
    every_kind_of_ending(shop)
    heard = [event for event in log_of(shop) if event["type"] in HEARD_BY_PAYMENTS]
    done("replay", "--into", "payments")
    assert ids(details(told(shop, "payments"))) == ids(heard)


def test_facts_and_a_window_are_chosen(shop: Shop) -> None:
    orders = every_kind_of_ending(shop)
    (declined,) = (each for each in shop.events(orders["declined"]) if each["type"] == "OrderCancelled")
    chosen = done("replay", "payments", "--fact", "OrderCancelled", "--since", declined["time"])
    assert chosen["facts"] == {"OrderCancelled": 3}
    assert ids(details(told(shop, "payments")))[0] == declined["id"]
    assert planned("replay", "payments", "--until", declined["time"])["due"] == 4
    shop.cloud.advance(hours=1)
    assert planned("replay", "payments", "--since", "30m")["due"] == 0
    assert planned("replay", "payments", "--since", "2h")["due"] == 8


def test_a_message_is_what_eventbridge_would_have_sent_and_says_who_did(shop: Shop) -> None:
    """Held against a replay of the archive, which is EventBridge's own."""
    shop.place(an_order())
    shop.cloud.settle()
    with at_rest(shop, "shipping"):
        done("replay", "shipping", "--fact", "OrderConfirmed", "--since", "1d")
        (ours,) = messages_for(shop, "shipping")
        done("replay", "shipping", "--from-archive", "--since", "1d", "--no-wait")
        shop.cloud.settle()
        (theirs,) = told(shop, "shipping")
    body = json.loads(ours["Body"])
    assert {**body, "id": theirs["id"]} == theirs
    assert body["replay-name"].startswith("orderbus-dev-shipping-")
    assert ours["MessageAttributes"]["replayed_by"]["StringValue"].startswith("arn:aws:")


@contextmanager
def at_rest(shop: Shop, service: str) -> Iterator[None]:
    """The consumer leaves its queue alone for a while."""
    functions = shop.cloud.client("lambda")
    (mapping,) = (
        each["UUID"]
        for each in functions.list_event_source_mappings()["EventSourceMappings"]
        if each["EventSourceArn"].endswith(f":{DEV.queue(service)}")
    )
    functions.update_event_source_mapping(UUID=mapping, Enabled=False)
    yield
    functions.update_event_source_mapping(UUID=mapping, Enabled=True)


def test_who_told_it_is_in_the_audit_trail_before_it_is_told(shop: Shop) -> None:
    every_kind_of_ending(shop)
    planned("replay", "--into", "payments")
    assert shop.rows("audit") == []
    done("replay", "--into", "payments")
    (entry,) = shop.rows("audit")
    assert (entry["deed"], entry["letters"], entry["selected"]) == ("replay", "8", "into payments")
    assert entry["by"].startswith("arn:aws:")
    assert "facts: 8, selected: into payments" in orderbus("dlq", "log")[1]


class Unwilling:
    """SQS does not take these entries of the first batches, or breaks off at the n-th of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **behaviour: Any) -> None:
        self.behaviour, self.batches = behaviour, 0
        original = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 - the one way to AWS

        def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            if operation != "SendMessageBatch":
                return original(client, operation, parameters)
            self.batches += 1
            if self.batches == self.behaviour.get("breaks_at"):
                raise self.behaviour.get("with_", KeyboardInterrupt)
            return self._send(original, client, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)

    def _send(self, original: Any, client: BaseClient, parameters: dict[str, Any]) -> Any:
        entries = parameters["Entries"]
        refused = entries[-2:] if self.batches <= self.behaviour.get("refuses_first", 0) else []
        taken = entries[: len(entries) - len(refused)]
        code, fault = self.behaviour.get("because", ("InternalError", False))
        failed = [{"Id": each["Id"], "Code": code, "SenderFault": fault} for each in refused]
        if taken:
            original(client, "SendMessageBatch", {**parameters, "Entries": taken})
        return {"Successful": [{"Id": each["Id"]} for each in taken], "Failed": failed}


def test_what_sqs_does_not_take_at_first_is_sent_again_after_a_while(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, naps: list[float]
) -> None:
    every_kind_of_ending(shop)
    sqs = Unwilling(monkeypatch, refuses_first=2)
    report = done("replay", "--into", "payments")
    assert (report["sent"], sqs.batches) == (8, 3)
    assert naps[:2] == [0.4, 0.8]
    assert len(set(ids(told(shop, "payments")))) == 8


def test_what_sqs_can_never_take_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    every_kind_of_ending(shop)
    Unwilling(monkeypatch, refuses_first=1, because=("InvalidMessageContents", True))
    code, out, _ = orderbus("replay", "--into", "payments", "--yes")
    assert code == ExitCode.INCOMPLETE
    assert out.count(": InvalidMessageContents") == 2
    assert "Sent 6 as orderbus-dev-payments-" in out


def test_sqs_that_takes_nothing_ends_it_with_what_was_sent(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_kind_of_ending(shop)
    Unwilling(monkeypatch, refuses_first=99)
    code, out, err = orderbus("replay", "--into", "payments", "--yes")
    assert (code, out) == (ExitCode.INCOMPLETE, "")
    assert "0 of 8 facts were sent, then: SQS did not accept 2 of 8 messages." in err


@pytest.mark.parametrize(
    ("with_", "code"),
    [
        (KeyboardInterrupt(), ExitCode.INCOMPLETE),
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "SendMessageBatch"), ExitCode.AWS_REFUSED),
    ],
    ids=["Ctrl-C", "refused"],
)
def test_what_was_interrupted_goes_on_where_it_was_and_sends_nothing_twice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, with_: BaseException, code: ExitCode
) -> None:
    every_kind_of_ending(shop)
    line = ("replay", "--into", "views", "--progress", tmp_path / "views.json")
    with monkeypatch.context() as broken:
        Unwilling(broken, breaks_at=2, with_=with_)
        said, out, err = orderbus(*line, "--yes")
    assert (said, out) == (code, "")
    assert "10 of 26 facts were sent, then: " in err
    shop.cloud.advance(hours=3)
    rest = done(*line)
    assert (rest["sent_before"], rest["sent"]) == (10, 16)
    assert done(*line)["due"] == 0
    assert complaints(shop) == []


def test_how_long_ago_is_counted_from_when_it_was_first_asked_for(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    every_kind_of_ending(shop)
    line = ("replay", "views", "--since", "10m", "--progress", tmp_path / "views.json")
    meant = planned(*line)["due"]
    with monkeypatch.context() as broken:
        Unwilling(broken, breaks_at=2, with_=KeyboardInterrupt())
        orderbus(*line, "--yes")
    shop.cloud.advance(hours=3)
    rest = done(*line)
    assert (rest["sent_before"], rest["sent"]) == (10, meant - 10)


def test_a_progress_file_is_of_its_log_in_every_time_zone(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    every_kind_of_ending(shop)
    line = ("replay", "--into", "views", "--progress", tmp_path / "views.json")
    done(*line)
    monkeypatch.setattr(
        "botocore.parsers.DEFAULT_TIMESTAMP_PARSER",
        lambda value: datetime.fromtimestamp(float(value), timezone(timedelta(hours=9))),
    )
    assert done(*line)["due"] == 0


def test_a_progress_file_is_for_one_wish(shop: Shop, tmp_path: Path) -> None:
    every_kind_of_ending(shop)
    file = tmp_path / "progress.json"
    done("replay", "--into", "views", "--progress", file)
    code, _, err = orderbus("replay", "--into", "payments", "--progress", file)
    assert code == ExitCode.USAGE
    assert f"{file} belongs to another request: into views." in err
    file.write_text(json.dumps({**json.loads(file.read_text()), "log": "another"}))
    code, _, err = orderbus("replay", "--into", "views", "--progress", file)
    assert (code, f"{file} belongs to another event log." in err) == (ExitCode.USAGE, True)
    file.write_text("{}")
    code, _, err = orderbus("replay", "--into", "payments", "--progress", file)
    assert (code, "is not a progress file" in err) == (ExitCode.USAGE, True)


def test_where_no_progress_can_be_written_nothing_is_sent(shop: Shop, tmp_path: Path) -> None:
    every_kind_of_ending(shop)
    line = ("replay", "--into", "views", "--progress", tmp_path / "no" / "file")
    code, _, err = orderbus(*line, "--yes")
    assert (code, "cannot be written" in err) == (ExitCode.USAGE, True)
    assert messages_for(shop, "views") == []
    assert orderbus(*line)[0] == ExitCode.OK


def test_a_progress_that_can_no_longer_be_written_stops_it(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_kind_of_ending(shop)
    folder = tmp_path / "lost"
    folder.mkdir()
    monkeypatch.setattr("cli.replay.commands.sleep", lambda _: rmtree(folder, ignore_errors=True))
    code, _, err = orderbus("replay", "--into", "views", "--progress", folder / "file", "--yes")
    sent = len(messages_for(shop, "views"))
    assert code == ExitCode.USAGE
    assert f"{sent} of" in err
    assert "cannot be written" in err


def test_a_row_that_cannot_be_read_is_named_and_the_rest_is_sent(shop: Shop) -> None:
    every_kind_of_ending(shop)
    bad = {"pk": {"S": "orders#x"}, "sk": {"S": "creation"}, "event": {"S": "{}"}}
    shop.cloud.client("dynamodb").put_item(TableName=DEV.event_log, Item=bad)
    code, out, _ = orderbus("replay", "--into", "payments", "--yes")
    assert code == ExitCode.INCOMPLETE
    assert "cannot be read: orders#x creation" in out
    assert len(told(shop, "payments")) == 8


def test_times_are_utc_unless_they_say_otherwise(shop: Shop) -> None:
    shop.place(an_order())
    shop.cloud.settle()
    first = datetime.fromisoformat(log_of(shop)[0]["time"])
    assert planned("replay", "views", "--since", f"{first:%Y-%m-%dT%H:%M:%S}")["due"] == 5
    assert planned("replay", "views", "--since", f"{first:%Y-%m-%dT%H:%M:%S}-01:00")["due"] == 0
