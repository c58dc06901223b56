"""`orderbus views`: rebuild the read model and show sales, from the command line."""

import json
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError

from cli.core.exit_codes import ExitCode
from infrastructure.names import Names
from tests.workflow.command_line import orderbus
from tests.workflow.read_model import read_model, some_orders
from tests.workflow.shop import Shop

DEV = Names("dev")


def command(*arguments: str) -> tuple[int, str, str]:
    return orderbus("views", *arguments)


def test_rebuild_prints_what_it_did(shop: Shop) -> None:
    some_orders(shop)
    before = read_model(shop)
    code, out, _ = command("rebuild", "--yes", "--json", "--region", "eu-west-1")
    assert code == ExitCode.OK
    figures = json.loads(out)
    assert figures["done"]
    assert figures["projected"] == sum(map(len, before.values()))
    assert figures["read"] == len(shop.rows("event-log"))
    assert figures["unreadable"] == []
    assert read_model(shop) == before


def test_rebuild_deletes_nothing_without_yes(shop: Shop) -> None:
    some_orders(shop)
    before = read_model(shop)
    code, out, _ = command("rebuild")
    assert code == ExitCode.OK
    assert "This empties the read model of stage dev" in out
    assert "Nothing was done. Add --yes" in out
    figures = json.loads(command("rebuild", "--json")[1])
    assert (figures["done"], figures["removed"]) == (False, 0)
    assert read_model(shop) == before


def test_rebuild_rejects_an_endpoint_that_is_no_url() -> None:
    code, _, err = command("rebuild", "--yes", "--region", "eu-west-1", "--endpoint-url", "nowhere")
    assert code == ExitCode.USAGE
    assert "Use an address like" in err


def test_rebuild_asks_to_repeat_when_interrupted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    some_orders(shop)
    before = read_model(shop)
    rows = sum(map(len, before.values()))
    refused = ClientError({"Error": {"Code": "ThrottlingException"}}, "Scan")
    for stop, code, reason in (
        (KeyboardInterrupt(), ExitCode.INCOMPLETE, "it was interrupted."),
        (refused, ExitCode.AWS_REFUSED, "An error occurred (ThrottlingException)"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr("cli.read_model.rebuild._pages", Mock(side_effect=stop))
            exit_code, _, err = command("rebuild", "--yes")
        assert exit_code == code
        assert err.startswith(f"{rows} rows removed, 0 facts read, 0 projected, then: {reason}")
        assert "Run `orderbus views rebuild --yes` again, to its end." in err
        assert command("rebuild", "--yes")[0] == ExitCode.OK
        assert read_model(shop) == before


def test_rebuild_reports_an_unreadable_row(shop: Shop) -> None:
    some_orders(shop)
    before = read_model(shop)
    database = shop.cloud.client("dynamodb")
    for order, event in (("x", {"event": {"S": "{}"}}), ("y", {"event": {"BOOL": True}}), ("z", {})):
        bad = {"pk": {"S": f"orders#{order}"}, "sk": {"S": "creation"}, **event}
        database.put_item(TableName=DEV.event_log, Item=bad)
    code, _, err = command("rebuild", "--yes")
    assert code == ExitCode.INCOMPLETE
    for order in "xyz":
        assert f"cannot be read: orders#{order} creation" in err
    assert read_model(shop) == before


def test_sales_shows_a_day(shop: Shop) -> None:
    some_orders(shop)
    day = shop.cloud.clock.now().date().isoformat()
    code, out, _ = command("sales", day)
    assert code == ExitCode.OK
    assert "TEAPOT" in out
    cups = {"sku": "CUP", "currency": "GBP", "units": 6, "revenue": 3900}
    assert cups in json.loads(command("sales", day, "--json")[1])


def test_rebuild_prints_an_error_when_the_stage_is_missing(shop: Shop) -> None:
    assert shop.cloud.outputs
    code, out, err = command("rebuild", "--yes", "--stage", "nowhere")
    assert (code, out) == (ExitCode.AWS_REFUSED, "")
    assert "ResourceNotFoundException" in err
    assert "Run `orderbus views rebuild` again" in err
