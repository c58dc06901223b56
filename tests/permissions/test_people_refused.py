"""An observer is denied an operator's actions; an operator is denied what no command does."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.core.exit_codes import ExitCode
from pocketcloud import OfflineCloud
from tests.permissions.people import DEV, POLICIES, Person, person
from tests.workflow.dead_letter_queues import groups
from tests.workflow.shop import Shop, a_checkout, an_order, checkout_entry, delivery_entry

LINES = [{"sku": "CUP", "quantity": "2", "unit_price": 650}]
ACTIONS = {
    "dlq redrive --yes": "dynamodb:PutItem",
    "dlq edit MESSAGE --set /data/lines/0/quantity=2 --yes": "dynamodb:PutItem",
    "dlq purge --to FOLDER/gone.jsonl --yes": "dynamodb:PutItem",
    "replay payments --order ORDER --yes": "dynamodb:PutItem",
    "replay payments --from-archive --since 1d --yes": "events:StartReplay",
    "republish --order ORDER --yes": "dynamodb:PutItem",
    "stock load FOLDER/note.csv --yes": "events:PutEvents",
    "stock set CUP 90 --yes": "events:PutEvents",
    "events put FOLDER/checkout.json": "events:PutEvents",
    "views rebuild --yes": "dynamodb:Scan",
    "restore stop --yes": "lambda:ListEventSourceMappings",
    "restore events --since 1d --yes": "dynamodb:PutItem",
    "restore state --yes": "lambda:ListEventSourceMappings",
}
"""Commands that an observer may not run, and the first call that AWS rejects."""


@pytest.fixture(scope="module")
def observer(deployed: OfflineCloud) -> Person:
    return person(deployed, "an-observer", *DEV.observer_policies)


@pytest.fixture(scope="module")
def operator(deployed: OfflineCloud) -> Person:
    return person(deployed, "an-operator", *POLICIES)


def everything(shop: Shop) -> dict[str, Any]:
    """Return everything that an action could have changed."""
    tables = shop.cloud.client("dynamodb").list_tables()["TableNames"]
    rows = {name: shop.rows(name.removeprefix(f"{DEV.prefix}-")) for name in tables}
    return {**rows, "messages": groups(), "replays": shop.cloud.client("events").list_replays()["Replays"]}


@pytest.mark.parametrize("action", ACTIONS)
def test_observer_action_is_rejected_with_a_hint_without_effect(
    shop: Shop, observer: Person, tmp_path: Path, action: str
) -> None:
    order = shop.place(an_order())
    shop.cloud.put_events([checkout_entry(a_checkout(lines=LINES))])
    shop.cloud.settle()
    (message,) = groups()[0]["messages"]
    (tmp_path / "note.csv").write_text("sku,quantity,reorder_level\nTEAPOT,7,6\n")
    (tmp_path / "checkout.json").write_text(checkout_entry(a_checkout(key="another"))["Detail"])
    before = everything(shop)
    words = (
        action.replace("MESSAGE", message).replace("ORDER", order).replace("FOLDER", str(tmp_path)).split()
    )
    code, _, err = observer.tries(*words)
    assert code == ExitCode.AWS_REFUSED, err
    sentence, hint = err.strip().splitlines()[-2:]
    assert f"role/an-observer is not authorized to perform: {ACTIONS[action]} on resource: " in sentence
    assert "changing anything orderbus-STAGE-operator*, too: docs/runbook.md" in hint
    shop.cloud.settle()
    assert everything(shop) == before


def test_stranger_is_shown_which_permissions_reading_needs(shop: Shop) -> None:
    nobody = person(shop.cloud, "nobody")
    for command in ("status", "stock ls", "dlq ls"):
        code, _, err = nobody.tries(*command.split())
        assert code == ExitCode.AWS_REFUSED
        assert "Reading needs the policies orderbus-STAGE-observer*" in err


KEY = {"sku": {"S": "CUP"}}
FACT = {"pk": {"S": "payments#1"}, "sk": {"S": "payment"}, "event": {"S": "{}"}}
ROW = {"action_id": {"S": "a"}, "entry": {"S": "b"}}
FORGED = {**delivery_entry(CUP=1), "Source": "payments"}


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        (
            "dynamodb",
            "update_item",
            {
                "TableName": DEV.table("inventory", "stock"),
                "Key": KEY,
                "UpdateExpression": "SET #level = :n ADD available :n",
                "ExpressionAttributeNames": {"#level": "reorder_level"},
                "ExpressionAttributeValues": {":n": {"N": "1"}},
            },
        ),
        ("dynamodb", "put_item", {"TableName": DEV.event_log, "Item": FACT}),
        (
            "dynamodb",
            "delete_item",
            {"TableName": DEV.audit, "Key": ROW},
        ),
        ("events", "put_events", {"Entries": [{**delivery_entry(CUP=1), "EventBusName": DEV.event_bus}]}),
        ("events", "put_events", {"Entries": [FORGED]}),
        ("lambda", "invoke", {"FunctionName": DEV.function("payments"), "Qualifier": "live"}),
        ("lambda", "invoke", {"FunctionName": DEV.relay}),
    ],
    ids=[
        "a delivery",
        "a fact",
        "the trail",
        "the order bus",
        "a stranger's fact",
        "a consumer",
        "an unserved relay",
    ],
)
def test_operator_is_denied_calls_that_no_command_makes(
    shop: Shop, operator: Person, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    before = everything(shop)
    with pytest.raises(ClientError, match="is not authorized to perform"):
        getattr(operator.client(service), operation)(**parameters)
    assert everything(shop) == before


@pytest.mark.usefixtures("shop")
def test_consumer_queue_is_read_only_by_its_consumer(operator: Person) -> None:
    sqs = operator.client("sqs")
    url = sqs.get_queue_url(QueueName=DEV.queue("payments"))["QueueUrl"]
    with pytest.raises(ClientError, match="is not authorized to perform: sqs:receivemessage"):
        sqs.receive_message(QueueUrl=url)


def test_reorder_level_statement_allows_the_request_of_the_command(shop: Shop, operator: Person) -> None:
    operator.client("dynamodb").update_item(
        TableName=DEV.table("inventory", "stock"),
        Key=KEY,
        UpdateExpression="SET reorder_level = :level",
        ExpressionAttributeValues={":level": {"N": "3"}},
    )
    (cup,) = [row for row in shop.rows("stock") if row["sku"] == "CUP"]
    assert cup == {"sku": "CUP", "available": "20", "reorder_level": "3"}
