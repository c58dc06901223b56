"""Tests of outcome metrics: counts by fact and by function, in one line for each fact."""

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.contracts.orders import OrderCancelled, OrderCreated
from functions.contracts.storefront import CheckoutCompleted
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.consumer import consumer
from functions.shared.runtime.telemetry import telemetry_of
from tests.now import NOW, frozen
from tests.unit.functions.builders import (
    Context,
    a_batch,
    a_checkout_completed,
    a_delivery,
    a_payment_processed,
    an_order_cancelled,
    an_order_created,
)
from tests.unit.functions.output import Output

GIFT = "urn:orderbus:schema:orders:OrderGiftWrapped:1"
pytestmark = pytest.mark.usefixtures("aws")


def succeed(event: Event[Any]) -> None:
    """A reaction that decides nothing."""


def fail(event: Event[Any]) -> None:
    raise RuntimeError(event.id)


def lines(output: Output) -> list[dict[str, Any]]:
    documents = [json.loads(line) for line in output.everything().splitlines()]
    return [document for document in documents if "_aws" in document]


def measured(output: Output) -> dict[tuple[str, ...], list[float]]:
    """Return the values of each metric by its name and dimensions."""
    found: dict[tuple[str, ...], list[float]] = {}
    for document in lines(output):
        for directive in document["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                for metric in directive["Metrics"]:
                    key = (metric["Name"], *(document[name] for name in names))
                    found[key] = found.get(key, []) + document[metric["Name"]]
    return found


def test_batch_of_one_fact_has_one_line(output: Output) -> None:
    handle = consumer("under-test", {OrderCreated: succeed}, store=event_log)
    telemetry_of("under-test").count("Conflicted")
    with frozen(NOW + timedelta(seconds=3)):
        handle(a_batch(*[a_delivery(an_order_created())] * 3), Context())
    assert len(lines(output)) == 1
    assert measured(output) == {
        ("Handled", "under-test"): [1, 1, 1],
        ("Handled", "under-test", "OrderCreated"): [1, 1, 1],
        ("EventAge", "under-test"): [3000, 3000, 3000],
        ("Conflicted", "under-test"): [1],
    }


def test_each_fact_of_a_batch_has_a_line(output: Output) -> None:
    handle = consumer("under-test", {OrderCreated: succeed, OrderCancelled: fail}, store=event_log)
    handle(a_batch(a_delivery(an_order_created()), a_delivery(an_order_cancelled())), Context())
    assert len(lines(output)) == 2
    counts = {key: value for key, value in measured(output).items() if key[0] != "EventAge"}
    assert counts == {
        ("Handled", "under-test"): [1],
        ("Handled", "under-test", "OrderCreated"): [1],
        ("Retried", "under-test"): [1],
        ("Retried", "under-test", "OrderCancelled"): [1],
    }


@pytest.mark.parametrize(
    ("body", "end"),
    [
        ("this is not JSON", "DeadLettered"),
        (a_delivery(an_order_created(), type="OrderGiftWrapped", dataschema=GIFT), "Retried"),
        (a_delivery(a_payment_processed()), "Retried"),
    ],
    ids=["no JSON", "from a newer producer", "for another service"],
)
def test_facts_without_a_reaction_share_one_name(body: str, end: str, output: Output) -> None:
    consumer("under-test", {OrderCreated: succeed}, store=event_log)(a_batch(body), Context())
    assert measured(output)[end, "under-test", "other"] == [1]
    assert {key[2] for key in measured(output) if len(key) == 3} == {"other"}


def test_dead_lettered_message_is_counted_under_its_claimed_fact(output: Output) -> None:
    handle = consumer("under-test", {OrderCreated: fail}, store=event_log)
    handle(a_batch(a_delivery(an_order_created()), receive_count=5), Context())
    assert measured(output)["DeadLettered", "under-test", "OrderCreated"] == [1]


def test_age_is_not_measured_for_a_partner_s_fact(output: Output) -> None:
    handle = consumer("under-test", {CheckoutCompleted: succeed}, store=event_log)
    handle(a_batch(a_delivery(a_checkout_completed())), Context())
    assert [key[0] for key in measured(output)] == ["Handled", "Handled"]


def test_metrics_are_flushed_once_when_the_function_crashes(output: Output) -> None:
    def die(_: Event[Any]) -> None:
        raise KeyboardInterrupt

    handle = consumer("under-test", {OrderCreated: succeed, OrderCancelled: die}, store=event_log)
    with pytest.raises(KeyboardInterrupt):
        handle(a_batch(a_delivery(an_order_created()), a_delivery(an_order_cancelled())), Context())
    assert measured(output)["Handled", "under-test"] == [1]
    output.forget()
    handle(a_batch(a_delivery(an_order_created())), Context())
    assert measured(output)["Handled", "under-test"] == [1]
