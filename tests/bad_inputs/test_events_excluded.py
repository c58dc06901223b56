"""Cases that the design leaves no room for: each says what excludes it, and that it still does."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cli.demo.synthesis import current_assembly
from functions.contracts.registry import DECISIONS
from functions.inventory import handler as inventory
from functions.orders import handler as orders
from functions.orders.placement import create
from functions.payments import handler as payments
from functions.shipping import handler as shipping
from infrastructure import topology
from tests.unit.functions import account
from tests.unit.functions.account import everything, facts, names_of_facts, rows
from tests.unit.functions.builders import (
    CAUSE,
    ORDER,
    TOTAL,
    Context,
    a_batch,
    a_delivery,
    an_inventory_reserved,
    an_order_created,
)

TESTS = Path(__file__).parents[1]
SCHEMAS = TESTS.parent / "schemas"
WORKFLOW = {
    "inventory": inventory.handle,
    "orders": orders.handle,
    "payments": payments.handle,
    "shipping": shipping.handle,
}


@cache
def resources() -> list[dict[str, Any]]:
    """Everything that is deployed."""
    templates = [json.loads(path.read_text()) for path in current_assembly().glob("*.template.json")]
    return [resource for template in templates for resource in template["Resources"].values()]


def of(kind: str) -> list[dict[str, Any]]:
    return [each.get("Properties", {}) for each in resources() if each["Type"] == f"AWS::{kind}"]


def properties_of(schema: Any) -> Iterator[str]:
    """The names of all fields that a schema describes, however deep."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for below in schema.values():
            yield from properties_of(below)
    elif isinstance(schema, list):
        for below in schema:
            yield from properties_of(below)


def fields() -> set[str]:
    """Every field of every event."""
    documents = [*SCHEMAS.glob("*/*.json"), SCHEMAS / "Envelope.v1.json"]
    paths = [path for path in documents if ".example." not in path.name]
    assert len(paths) > len(topology.FACTS)
    return {name for path in paths for name in properties_of(json.loads(path.read_text()))}


def test_e18_resource_policies_restrict_senders_instead_of_signatures() -> None:
    assert not {name for name in fields() if "signature" in name}
    assert len(of("Events::EventBusPolicy")) >= len(of("Events::EventBus"))
    mapped = [each for each in of("Lambda::EventSourceMapping") if "BatchSize" in each]
    assert len(of("SQS::QueuePolicy")) >= len(mapped) > 0


def test_e25_deadlines_cancel_orders_instead_of_event_expiry() -> None:
    assert not fields() & {"expires_at", "expires", "ttl", "valid_until"}
    assert any(each.module == "deadlines" for service in topology.SERVICES for each in service.functions)


SEQUENCES = {"sequence", "sequencetype", "sequence_number", "event_number", "revision", "version"}


def test_e28_events_have_no_sequence_number() -> None:
    assert not fields() & SEQUENCES


def test_e29_decision_is_published_once_and_never_corrected() -> None:
    assert not fields() & SEQUENCES
    log = next(each for each in of("DynamoDB::Table") if each["TableName"] == "orderbus-dev-event-log")
    assert [key["AttributeName"] for key in log["KeySchema"]] == ["pk", "sk"]
    roles = [line for policy in of("IAM::Policy") for line in policy["PolicyDocument"]["Statement"]]
    writing = [json.dumps(line) for line in roles if "event-log" in json.dumps(line["Resource"])]
    assert writing
    assert not [line for line in writing if "UpdateItem" in line or "DeleteItem" in line]


def test_e32_largest_order_fits_into_one_event() -> None:
    assert not fields() & {"dataref", "claim_check", "bucket", "s3", "pointer"}
    assert not [each for each in resources() if each["Type"].startswith("AWS::S3::")]


def test_e40_queues_and_topics_are_not_fifo() -> None:
    for each in (*of("SQS::Queue"), *of("SNS::Topic")):
        assert "FifoQueue" not in each
        assert "FifoTopic" not in each
        assert not str(each.get("QueueName", each.get("TopicName", ""))).endswith(".fifo")


def reverberate() -> int:
    """Deliver every fact of the log to every service that reacts to it; return the number of new facts."""
    before = facts()
    for fact in before:
        for service in topology.consumers_of(type(fact).__name__):
            if service.name in WORKFLOW:
                WORKFLOW[service.name](a_batch(a_delivery(fact)), Context())
    return len(facts()) - len(before)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("stock", "card"), [(10, "pm_card_visa"), (10, "pm_card_chargeDeclined"), (0, "pm_card_visa")]
)
def test_e45_chain_of_facts_ends_when_decisions_are_final(stock: int, card: str) -> None:
    """Rejected, cancelled, rejected again, …: the reactions go in circles, the decisions cannot."""
    account.stock(TEAPOT=stock, CUP=stock)
    assert create(an_order_created(payment_method=card), cause=CAUSE).is_new
    rounds = 0
    while reverberate():
        rounds += 1
        assert rounds < len(DECISIONS)
    assert rounds
    keys = [(fact.owner, getattr(fact, "decision", "")) for fact in facts()]
    assert len(keys) == len(set(keys))
    assert set(keys) <= set(DECISIONS)
    before = everything()
    assert reverberate() == 0
    assert everything() == before


@pytest.mark.usefixtures("aws")
def test_e48_response_with_another_amount_is_no_outcome() -> None:
    charge = {"id": "ch_1", "captured": True, "amount": {"amount": 1, "currency": "GBP"}, "reason": ""}
    account.put(
        "GATEWAY_TABLE",
        idempotency_key={"S": f"charge:{ORDER}"},
        request={"S": f"charge {TOTAL.amount} {TOTAL.currency} pm_card_visa"},
        outcome={"S": json.dumps(charge)},
    )
    payments.handle(a_batch(a_delivery(an_inventory_reserved())), Context())
    assert names_of_facts() == []
    assert [row["status"] in {"started", "unknown"} for row in rows("ATTEMPTS_TABLE")] == [True]


def test_e49_webhooks_have_their_own_entry_point() -> None:
    """A service that a provider calls has tests of such calls: twice, early, badly signed."""
    routes = [route for service in topology.SERVICES for route in service.routes]
    assert routes
    if any("webhook" in route for route in routes):
        assert list((TESTS / "unit/functions").glob("test_*webhook*.py"))
