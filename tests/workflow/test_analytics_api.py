"""`GET /analytics`: the live figures, for operators only, within bounds."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from jsonschema import Draft202012Validator

from openapi.document import document
from pocketcloud import AwsCall, Crash, OfflineCloud, Reply
from tests.assemblies import dev_with_stream
from tests.permissions.grants import Grant, unused
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.command_line import orderbus
from tests.workflow.operators import member
from tests.workflow.shop import PREFIX, Shop, an_order
from tests.workflow.streamed import STREAM
from tests.workflow.test_analytics import place_orders, recomputed

FUNCTION = f"{PREFIX}-analytics-api"
OTHERS = ("operators-of-another-shop", "not-operators", "Operators")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage `dev` with a stream of two shards."""
    with OfflineCloud.start(assembly=dev_with_stream(tmp_path_factory)) as cloud:
        cognito, pool = cloud.client("cognito-idp"), cloud.outputs["UserPoolId"]
        for group in ("operators", *OTHERS):
            cognito.create_group(UserPoolId=pool, GroupName=group)
        yield cloud


@pytest.fixture
def operator(shop: Shop) -> str:
    """A user of the stage's pool in the group of operators."""
    return member(shop, "grace", "operators")


def look(shop: Shop, customer: str | None, **query: str) -> Reply:
    return shop.cloud.http("GET", f"/analytics?{urlencode(query)}", customer=customer)


def shown(shop: Shop, customer: str, **query: str) -> Any:
    reply = look(shop, customer, **query)
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


def code(reply: Reply) -> tuple[int, str]:
    return reply.status, json.loads(reply.body)["code"]


def uncounted(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    """Fail every transaction of the function that counts."""
    if call.function == f"{PREFIX}-analytics" and call.operation == "TransactWriteItems":
        raise Crash
    return proceed()


def whole_window(shop: Shop) -> dict[str, str]:
    """Return a window that has every minute with figures."""
    minutes = sorted(recomputed(shop))
    return {"from": f"{minutes[0]}Z", "to": f"{minutes[-1]}Z"}


def test_operator_sees_the_figures_of_the_event_log(shop: Shop, operator: str) -> None:
    place_orders(shop)
    report = shown(shop, operator)
    truth = sum(recomputed(shop).values(), Counter())
    assert report["total"]["orders"] == truth["orders"] == 6
    assert report["total"]["cancelled"] == {"payment_declined": 2}
    assert report["total"]["units"] == {"CUP": 6}
    assert report["total"]["shipped_after_seconds"]["p95"] > 0
    assert [each["minute"] for each in report["minutes"]] == sorted(recomputed(shop))
    assert report["watermark"] == max(recomputed(shop))
    assert report["complete_until"] < report["watermark"]
    schemas = document()["components"]
    Draft202012Validator({"$ref": "#/components/schemas/LiveAnalytics", "components": schemas}).validate(
        report
    )


def test_route_and_command_show_the_same_minutes(shop: Shop, operator: str) -> None:
    place_orders(shop)
    shop.cloud.advance(seconds=2)
    exit_code, printed, _ = orderbus("analytics", "--since", "30m", "--json")
    command, route = json.loads(printed), shown(shop, operator)
    assert exit_code == 0
    assert [command[name] for name in ("minutes", "total")] == [route[name] for name in ("minutes", "total")]
    assert route["complete_until"] <= command["complete_until"]


def test_figures_are_not_complete_while_a_shard_waits(shop: Shop, operator: str) -> None:
    place_orders(shop, 4, "before")
    before = shown(shop, operator)
    with call_fault(shop.cloud, uncounted):
        shop.cloud.advance(minutes=20)
        shop.place(an_order(), key="during")
        shop.cloud.advance(minutes=1)
        during = shown(shop, operator)
        client = shop.cloud.client("kinesis")
        client.update_shard_count(StreamName=STREAM, TargetShardCount=4, ScalingType="UNIFORM_SCALING")
        split = shown(shop, operator)
    assert before["complete_until"] is not None
    completeness = {(each["complete_until"], each["watermark"]) for each in (before, during, split)}
    assert len(completeness) == 1


def test_pages_have_every_minute_once(shop: Shop, operator: str) -> None:
    place_orders(shop, 9)
    query, seen = whole_window(shop), []
    for _ in range(20):
        report = shown(shop, operator, **query, limit="2")
        seen += [each["minute"] for each in report["minutes"]]
        if "next_from" not in report:
            break
        query["from"] = report["next_from"]
    assert seen == sorted(recomputed(shop))
    assert len(seen) > 2


def test_only_operators_see_the_figures(shop: Shop, operator: str) -> None:
    assert look(shop, operator).status == 200
    assert code(look(shop, "ada")) == (403, "operators_only")
    assert look(shop, None).status == 401


@pytest.mark.parametrize("group", OTHERS)
def test_another_group_is_not_the_operators(shop: Shop, group: str) -> None:
    assert code(look(shop, member(shop, f"eve-of-{group}".lower(), group))) == (403, "operators_only")


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"from": ""}, "window_invalid"),
        ({"from": "yesterday"}, "window_invalid"),
        ({"from": "2026-02-30T10:00Z"}, "window_invalid"),
        ({"from": "2026-01-01T10:00"}, "window_invalid"),
        ({"from": "2026-01-01T10:00+01:00"}, "window_invalid"),
        ({"from": "0001-01-01T00:00Z"}, "window_invalid"),
        ({"to": "9999-12-31T23:59Z"}, "window_invalid"),
        ({"to": "2026-01-01T10:00Z\n"}, "window_invalid"),
        ({"from": "2026-01-01T10:00Z", "to": "2026-01-01T09:59Z"}, "window_invalid"),
        ({"from": "2026-01-01T10:00Z", "to": "2026-01-02T10:01Z"}, "window_invalid"),
        ({"limit": "0"}, "limit_invalid"),
        ({"limit": "121"}, "limit_invalid"),
        ({"limit": "1e1"}, "limit_invalid"),
        ({"limit": "٣"}, "limit_invalid"),
    ],
)
def test_wrong_query_is_rejected(shop: Shop, operator: str, query: dict[str, str], wanted: str) -> None:
    assert code(look(shop, operator, **query)) == (400, wanted)
    assert code(look(shop, "ada", **query)) == (403, "operators_only")


def is_ours(grant: Grant) -> bool:
    return grant.function == FUNCTION and not grant.action.startswith("xray:")  # X-Ray is not played offline


def test_every_grant_of_the_function_is_used(shop: Shop, operator: str) -> None:
    place_orders(shop, 1)
    assert shown(shop, operator)["total"]["orders"] == 1
    assert [str(grant) for grant in unused(shop.cloud) if is_ours(grant)] == []
    assert [each for each in shop.cloud.access.denials if FUNCTION in str(each)] == []
