"""`orderbus orders`, and what an operator sees of one, against the served cloud over HTTP."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from cli.core.account import Account
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.orders.authentication import door
from pocketcloud.serving.server import serve
from tests.workflow.command_line import orderbus, orderbus_at
from tests.workflow.shop import PREFIX, Shop, a_checkout, an_order, checkout_entry

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Counter:
    """A person at the command line, and where the cloud is served."""

    shop: Shop
    http: str
    aws: str
    folder: Path

    def run(self, *arguments: str) -> tuple[int, str, str]:
        return orderbus_at(self.aws, *arguments)

    def orders(self, *arguments: str) -> tuple[int, str, str]:
        return self.run("orders", *arguments, "--url", self.http)

    def answer(self, *arguments: str) -> Any:
        code, out, err = self.orders(*arguments, "--json")
        assert (code, err) == (ExitCode.OK, "")
        return json.loads(out)

    def file(self, **changes: Any) -> str:
        file = self.folder / "order.json"
        file.write_text(json.dumps(an_order(**changes)))
        return str(file)

    def until(self, order_id: str, fact: str) -> None:
        """Wait for the fact; virtual time follows the real one."""
        for _ in range(400):
            with self.shop.cloud.lock:
                if fact in self.shop.facts(order_id):
                    return
            time.sleep(0.05)
        raise AssertionError(f"{fact} has not been stated")


@pytest.fixture
def counter(shop: Shop, tmp_path: Path) -> Iterator[Counter]:
    with serve(shop.cloud, aws_port=0, http_port=0) as served:
        yield Counter(shop, served.http_url, served.aws_url, tmp_path)


@pytest.fixture
def slow(counter: Counter) -> Iterator[Counter]:
    """Nobody reserves anything: orders stay as they were placed."""
    with counter.shop.cloud.lock:
        client = counter.shop.cloud.client("lambda")
        mappings = client.list_event_source_mappings()["EventSourceMappings"]
        mapping = next(
            each["UUID"] for each in mappings if each["EventSourceArn"].endswith(f":{PREFIX}-inventory")
        )
        client.update_event_source_mapping(UUID=mapping, Enabled=False)
    yield counter
    with counter.shop.cloud.lock:
        client.update_event_source_mapping(UUID=mapping, Enabled=True)


def test_an_order_is_placed_followed_and_traced(counter: Counter) -> None:
    order_id = counter.answer("place", counter.file())["order_id"]
    counter.until(order_id, "ShipmentScheduled")
    assert counter.answer("get", order_id)["history"][0]["type"] == "OrderCreated"
    assert [order["order_id"] for order in counter.answer("ls")] == [order_id]
    code, out, _ = counter.run("trace", order_id, "--json")
    assert code == ExitCode.OK
    facts = json.loads(out)["facts"]
    assert facts[-1]["type"] == "ShipmentScheduled"
    assert f"{PREFIX}-inventory" in {note["function"] for note in facts[0]["notes"]}
    code, out, _ = counter.run("status", "--json")
    assert code == ExitCode.OK
    assert f"{PREFIX}-inventory" in {hop["name"] for hop in json.loads(out)["hops"]}


def test_orders_of_a_customer_are_listed_from_both_entry_points(slow: Counter) -> None:
    with slow.shop.cloud.lock:
        slow.shop.cloud.put_events([checkout_entry(a_checkout(customer="eve"))])
    placed = slow.answer("place", slow.file(), "--customer", "eve")["order_id"]
    slow.until(placed, "OrderCreated")
    for _ in range(400):
        listed = slow.answer("ls", "--customer", "eve")
        if len(listed) == 2:
            break
        time.sleep(0.05)
    assert placed in {order["order_id"] for order in listed}
    with slow.shop.cloud.lock:
        (from_partner,) = {row["order_id"] for row in slow.shop.rows("orders")} - {placed}
    assert {order["order_id"] for order in listed} == {placed, from_partner}
    assert slow.answer("ls", "--customer", "eve", "--limit", "1") == listed[:1]
    assert listed[0]["placed_at"] >= listed[1]["placed_at"]
    assert slow.answer("ls", "--customer", "nobody") == []
    code, _, err = slow.orders("ls", "--customer", "")
    assert (code, err.splitlines()[0]) == (ExitCode.USAGE, "--customer is empty.")


def test_the_same_file_twice_is_one_order_and_another_key_another(slow: Counter) -> None:
    file = slow.file()
    placed = [slow.answer("place", file)["order_id"] for _ in range(2)]
    other = slow.answer("place", file, "--key", "again")["order_id"]
    assert placed[0] == placed[1] != other


def test_an_order_is_cancelled_only_where_that_is_said(slow: Counter) -> None:
    order_id = slow.answer("place", slow.file())["order_id"]
    code, out, err = slow.orders("cancel", order_id)
    assert (code, out.split()[:2]) == (ExitCode.OK, [order_id, "created"])
    assert "Nothing was cancelled. Say --yes" in err
    assert slow.answer("get", order_id)["status"] == "created"
    assert slow.answer("cancel", order_id, "--yes")["status"] == "cancelled"


def test_a_list_goes_on_over_its_pages_up_to_the_limit(slow: Counter) -> None:
    with slow.shop.cloud.lock:
        for number in range(53):
            slow.shop.place(an_order(), key=f"k{number}", customer="customer-1")
    for _ in range(400):
        with slow.shop.cloud.lock:
            if len(slow.shop.rows("listings")) == 53:
                break
        time.sleep(0.05)
    assert len({order["order_id"] for order in slow.answer("ls", "--limit", "60")}) == 53
    assert len(slow.answer("ls", "--limit", "52")) == 52
    assert len(slow.answer("ls")) == 20


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["get", UNKNOWN], ExitCode.UNKNOWN_ORDER, "Refused with 404, Order not found: there is no such"),
        (["get", UNKNOWN, "--token", "garbage"], ExitCode.REFUSED, "Refused with 401"),
        (["get", UNKNOWN, "--token", "a\nb"], ExitCode.USAGE, "The request cannot be sent"),
        (["cancel", UNKNOWN, "--yes"], ExitCode.UNKNOWN_ORDER, "Refused with 404"),
        (["get", UNKNOWN, "--customer", ""], ExitCode.USAGE, "--customer is empty."),
        (["place", "nowhere.json"], ExitCode.USAGE, "nowhere.json cannot be read: No such file"),
    ],
)
def test_a_mistake_is_one_sentence_and_a_hint(
    counter: Counter, arguments: list[str], code: ExitCode, said: str
) -> None:
    exit_code, out, err = counter.orders(*arguments)
    assert (exit_code, out) == (code, "")
    sentence, hint = err.strip().splitlines()
    assert sentence.startswith(said)
    assert hint


def test_problem_details_say_where_the_fault_lies(counter: Counter) -> None:
    code, _, err = counter.orders("place", counter.file(lines=[{"sku": "SPOON", "quantity": 1}]))
    assert code == ExitCode.REFUSED
    assert "Refused with 422, Unknown sku: we do not sell this article (at /lines/0/sku)." in err


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("http://127.0.0.1:1", ExitCode.AWS_REFUSED, "http://127.0.0.1:1 cannot be reached"),
        ("http://orderbus.example", ExitCode.USAGE, "would carry the token unencrypted"),
        ("nowhere", ExitCode.USAGE, "nowhere is no address of an HTTP API"),
    ],
)
def test_an_address_that_is_none_is_said(url: str, code: ExitCode, said: str) -> None:
    exit_code, _, err = orderbus("orders", "get", UNKNOWN, "--token", "t", "--url", url)
    assert exit_code == code
    assert said in err


@pytest.mark.parametrize("token", [(), ("--token", "")], ids=["none", "empty"])
@pytest.mark.parametrize("url", [(), ("--url", "https://orderbus.example")], ids=["the stage's", "given"])
def test_without_a_token_an_account_is_asked_nothing_and_nobody_is_signed_up(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, token: tuple[str, ...], url: tuple[str, ...]
) -> None:
    monkeypatch.delenv("ORDERBUS_TOKEN", raising=False)
    cognito = shop.cloud.client("cognito-idp")
    pool = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    before = cognito.list_users(UserPoolId=pool)["Users"]
    code, _, err = orderbus("orders", "ls", "--region", "eu-west-1", *token, *url)
    assert code == ExitCode.USAGE
    assert "The HTTP API asks for a customer's token." in err
    assert cognito.list_users(UserPoolId=pool)["Users"] == before


def test_in_an_account_the_stage_s_own_api_is_found_by_its_name(shop: Shop) -> None:
    (api,) = shop.cloud.client("apigatewayv2").get_apis()["Items"]
    account = Account(stage="dev", region="eu-west-1")
    assert door(account, url=None, token="t", customer="ada").url == api["ApiEndpoint"]
    with pytest.raises(CommandError, match="There is no HTTP API orderbus-nowhere-api here"):
        door(replace(account, stage="nowhere"), url=None, token="t", customer="ada")


class NoOrderbus(BaseHTTPRequestHandler):
    """Something else that answers at the address: a proxy's page, with that status."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b"<html>Welcome</html>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("status", "said"), [(200, "is no Orderbus"), (520, "Refused with 520, which no standard knows")]
)
@pytest.mark.parametrize("line", [("get", UNKNOWN), ("ls",)], ids=["get", "ls"])
def test_what_is_no_orderbus_is_said_to_be_none(
    monkeypatch: pytest.MonkeyPatch, line: tuple[str, ...], status: int, said: str
) -> None:
    monkeypatch.setattr(NoOrderbus, "status", status)
    with ThreadingHTTPServer(("127.0.0.1", 0), NoOrderbus) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        code, out, err = orderbus("orders", *line, "--token", "t", "--url", url)
        server.shutdown()
    assert (code in {ExitCode.AWS_REFUSED, ExitCode.REFUSED}, out) == (True, "")
    assert said in err
