"""`orderbus orders`, `trace` and `status` against the served cloud over HTTP."""

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
from cli.orders.authentication import authenticate
from pocketcloud.serving.server import serve
from tests.workflow.command_line import orderbus, orderbus_at
from tests.workflow.shop import PREFIX, Shop, a_checkout, an_order, checkout_entry

BATCHING_SECONDS = 5
"""The batching window of the read model in `dev`."""
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class ServedShop:
    """The command line and the served cloud."""

    shop: Shop
    http: str
    aws: str
    folder: Path

    def run(self, *arguments: str) -> tuple[int, str, str]:
        return orderbus_at(self.aws, *arguments)

    def orders(self, *arguments: str) -> tuple[int, str, str]:
        return self.run("orders", *arguments, "--url", self.http)

    def output(self, *arguments: str) -> Any:
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
        raise AssertionError(f"{fact} has not been published")


@pytest.fixture
def served(shop: Shop, tmp_path: Path) -> Iterator[ServedShop]:
    with serve(shop.cloud, aws_port=0, http_port=0, speed=60) as servers:
        yield ServedShop(shop, servers.http_url, servers.aws_url, tmp_path)


@pytest.fixture
def slow(served: ServedShop) -> Iterator[ServedShop]:
    """Pause inventory, so that orders keep the status `created`."""
    with served.shop.cloud.lock:
        client = served.shop.cloud.client("lambda")
        mappings = client.list_event_source_mappings()["EventSourceMappings"]
        mapping = next(
            each["UUID"] for each in mappings if each["EventSourceArn"].endswith(f":{PREFIX}-inventory")
        )
        client.update_event_source_mapping(UUID=mapping, Enabled=False)
    yield served
    with served.shop.cloud.lock:
        client.update_event_source_mapping(UUID=mapping, Enabled=True)


def test_place_get_ls_trace_and_status_show_an_order(served: ServedShop) -> None:
    order_id = served.output("place", served.file())["order_id"]
    served.until(order_id, "ShipmentScheduled")
    assert served.output("get", order_id)["history"][0]["type"] == "OrderCreated"
    with served.shop.cloud.lock:
        served.shop.cloud.advance(seconds=BATCHING_SECONDS)
    assert [order["order_id"] for order in served.output("ls")] == [order_id]
    code, out, _ = served.run("trace", order_id, "--json")
    assert code == ExitCode.OK
    facts = json.loads(out)["facts"]
    assert facts[-1]["type"] == "ShipmentScheduled"
    assert f"{PREFIX}-inventory" in {note["function"] for note in facts[0]["notes"]}
    code, out, _ = served.run("status", "--json")
    assert code == ExitCode.OK
    assert f"{PREFIX}-inventory" in {hop["name"] for hop in json.loads(out)["hops"]}


def test_ls_customer_lists_orders_of_both_entry_points(slow: ServedShop) -> None:
    with slow.shop.cloud.lock:
        slow.shop.cloud.put_events([checkout_entry(a_checkout(customer="eve"))])
    placed = slow.output("place", slow.file(), "--customer", "eve")["order_id"]
    slow.until(placed, "OrderCreated")
    for _ in range(400):
        listed = slow.output("ls", "--customer", "eve")
        if len(listed) == 2:
            break
        time.sleep(0.05)
    assert placed in {order["order_id"] for order in listed}
    with slow.shop.cloud.lock:
        (from_partner,) = {row["order_id"] for row in slow.shop.orders()} - {placed}
    assert {order["order_id"] for order in listed} == {placed, from_partner}
    assert slow.output("ls", "--customer", "eve", "--limit", "1") == listed[:1]
    assert listed[0]["placed_at"] >= listed[1]["placed_at"]
    assert slow.output("ls", "--customer", "nobody") == []
    code, _, err = slow.orders("ls", "--customer", "")
    assert (code, err.splitlines()[0]) == (ExitCode.USAGE, "--customer is empty.")


def test_place_creates_one_order_per_key(slow: ServedShop) -> None:
    file = slow.file()
    placed = [slow.output("place", file)["order_id"] for _ in range(2)]
    other = slow.output("place", file, "--key", "again")["order_id"]
    assert placed[0] == placed[1] != other


def test_cancel_only_shows_the_order_without_yes(slow: ServedShop) -> None:
    order_id = slow.output("place", slow.file())["order_id"]
    code, out, err = slow.orders("cancel", order_id)
    assert (code, out.split()[:2]) == (ExitCode.OK, [order_id, "created"])
    assert "Nothing was cancelled. Add --yes" in err
    assert slow.output("get", order_id)["status"] == "created"
    assert slow.output("cancel", order_id, "--yes")["status"] == "cancelled"


def test_ls_reads_pages_up_to_the_limit(slow: ServedShop) -> None:
    with slow.shop.cloud.lock:
        for number in range(53):
            if number % 20 == 0:
                slow.shop.cloud.advance(minutes=1)  # the API accepts twenty a minute
            slow.shop.place(an_order(), key=f"k{number}", customer="customer-1")
        slow.shop.cloud.advance(minutes=1)
    assert len({order["order_id"] for order in slow.output("ls", "--limit", "60")}) == 53
    assert len(slow.output("ls", "--limit", "52")) == 52
    assert len(slow.output("ls")) == 20


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["get", UNKNOWN], ExitCode.UNKNOWN_ORDER, "Rejected with 404, Order not found: there is no such"),
        (["get", UNKNOWN, "--token", "garbage"], ExitCode.REFUSED, "Rejected with 401"),
        (["get", UNKNOWN, "--token", "a\nb"], ExitCode.USAGE, "The request cannot be sent"),
        (["cancel", UNKNOWN, "--yes"], ExitCode.UNKNOWN_ORDER, "Rejected with 404"),
        (["get", UNKNOWN, "--customer", ""], ExitCode.USAGE, "--customer is empty."),
        (["place", "nowhere.json"], ExitCode.USAGE, "nowhere.json cannot be read: No such file"),
    ],
)
def test_orders_prints_an_error_and_a_hint(
    served: ServedShop, arguments: list[str], code: ExitCode, expected: str
) -> None:
    exit_code, out, err = served.orders(*arguments)
    assert (exit_code, out) == (code, "")
    sentence, hint = err.strip().splitlines()
    assert sentence.startswith(expected)
    assert hint


def test_place_prints_the_pointer_of_problem_details(served: ServedShop) -> None:
    code, _, err = served.orders("place", served.file(lines=[{"sku": "SPOON", "quantity": 1}]))
    assert code == ExitCode.REFUSED
    assert "Rejected with 422, Unknown sku: this SKU is not sold (at /lines/0/sku)." in err


@pytest.mark.parametrize(
    ("url", "code", "expected"),
    [
        ("http://127.0.0.1:1", ExitCode.AWS_REFUSED, "http://127.0.0.1:1 cannot be reached"),
        ("http://orderbus.example", ExitCode.USAGE, "would send the token unencrypted"),
        ("nowhere", ExitCode.USAGE, "nowhere is not the address of an HTTP API"),
    ],
)
def test_get_rejects_unusable_urls(url: str, code: ExitCode, expected: str) -> None:
    exit_code, _, err = orderbus("orders", "get", UNKNOWN, "--token", "t", "--url", url)
    assert exit_code == code
    assert expected in err


@pytest.mark.parametrize("token", [(), ("--token", "")], ids=["none", "empty"])
@pytest.mark.parametrize("url", [(), ("--url", "https://orderbus.example")], ids=["the stage's", "given"])
def test_ls_sends_no_request_without_a_token(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, token: tuple[str, ...], url: tuple[str, ...]
) -> None:
    monkeypatch.delenv("ORDERBUS_TOKEN", raising=False)
    cognito = shop.cloud.client("cognito-idp")
    pool = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    before = cognito.list_users(UserPoolId=pool)["Users"]
    code, _, err = orderbus("orders", "ls", "--region", "eu-west-1", *token, *url)
    assert code == ExitCode.USAGE
    assert "The HTTP API needs a customer's token." in err
    assert cognito.list_users(UserPoolId=pool)["Users"] == before


def test_authenticate_finds_the_api_of_a_stage(shop: Shop) -> None:
    (api,) = shop.cloud.client("apigatewayv2").get_apis()["Items"]
    account = Account(stage="dev", region="eu-west-1")
    assert authenticate(account, url=None, token="t", customer="ada").url == api["ApiEndpoint"]
    with pytest.raises(CommandError, match="There is no HTTP API orderbus-nowhere-api here"):
        authenticate(replace(account, stage="nowhere"), url=None, token="t", customer="ada")


class AnotherServer(BaseHTTPRequestHandler):
    """A server that is not Orderbus, such as a proxy, responding with `status`."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b"<html>Welcome</html>")

    def log_message(self, *_: object) -> None:
        """Print no log."""


@pytest.mark.parametrize(
    ("status", "expected"), [(200, "is not an Orderbus API"), (520, "Rejected with 520, an unknown status")]
)
@pytest.mark.parametrize("line", [("get", UNKNOWN), ("ls",)], ids=["get", "ls"])
def test_orders_reports_a_server_that_is_not_orderbus(
    monkeypatch: pytest.MonkeyPatch, line: tuple[str, ...], status: int, expected: str
) -> None:
    monkeypatch.setattr(AnotherServer, "status", status)
    with ThreadingHTTPServer(("127.0.0.1", 0), AnotherServer) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        code, out, err = orderbus("orders", *line, "--token", "t", "--url", url)
        server.shutdown()
    assert (code in {ExitCode.AWS_REFUSED, ExitCode.REFUSED}, out) == (True, "")
    assert expected in err


@pytest.mark.parametrize("token", ["secret\nline", "secr\u00e9t"])
def test_orders_never_prints_an_invalid_token(token: str) -> None:
    code, out, err = orderbus("orders", "ls", "--token", token, "--url", "http://127.0.0.1:1")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "The request cannot be sent" in err
    assert "secr" not in err
