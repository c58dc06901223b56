"""A batch's ends are counted by fact and for the whole function, in one line for each fact in it."""

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
from tests.now import frozen
from tests.unit.functions.builders import (
    TEN_O_CLOCK,
    Context,
    a_batch,
    a_checkout_completed,
    a_delivery,
    a_payment_processed,
    an_order_cancelled,
    an_order_created,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")


def fine(event: Event[Any]) -> None:
    """A reaction with nothing to decide."""


def broken(event: Event[Any]) -> None:
    raise RuntimeError(event.id)


def lines(output: Output) -> list[dict[str, Any]]:
    documents = [json.loads(line) for line in output.everything().splitlines()]
    return [document for document in documents if "_aws" in document]


def measured(output: Output) -> dict[tuple[str, ...], list[float]]:
    """Each metric's values, by its name and the values of its dimensions."""
    found: dict[tuple[str, ...], list[float]] = {}
    for document in lines(output):
        for directive in document["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                for metric in directive["Metrics"]:
                    key = (metric["Name"], *(document[name] for name in names))
                    found[key] = found.get(key, []) + document[metric["Name"]]
    return found


def test_one_line_tells_of_a_batch_of_one_fact_by_fact_and_in_all(output: Output) -> None:
    handle = consumer("kernel", {OrderCreated: fine}, store=event_log)
    telemetry_of("kernel").count("Conflicted")
    with frozen(TEN_O_CLOCK + timedelta(seconds=3)):
        handle(a_batch(*[a_delivery(an_order_created())] * 3), Context())
    assert len(lines(output)) == 1
    assert measured(output) == {
        ("Handled", "kernel"): [1, 1, 1],
        ("Handled", "kernel", "OrderCreated"): [1, 1, 1],
        ("EventAge", "kernel"): [3000, 3000, 3000],
        ("Conflicted", "kernel"): [1],
    }


def test_each_fact_of_a_batch_has_a_line(output: Output) -> None:
    handle = consumer("kernel", {OrderCreated: fine, OrderCancelled: broken}, store=event_log)
    handle(a_batch(a_delivery(an_order_created()), a_delivery(an_order_cancelled())), Context())
    assert len(lines(output)) == 2
    counts = {key: value for key, value in measured(output).items() if key[0] != "EventAge"}
    assert counts == {
        ("Handled", "kernel"): [1],
        ("Handled", "kernel", "OrderCreated"): [1],
        ("Retried", "kernel"): [1],
        ("Retried", "kernel", "OrderCancelled"): [1],
    }


@pytest.mark.parametrize(
    ("body", "end"),
    [
        ("this is not JSON", "DeadLettered"),
        (a_delivery(an_order_created(), type="OrderGiftWrapped"), "Ignored"),
        (a_delivery(a_payment_processed()), "Ignored"),
    ],
    ids=["garbage", "of a newer producer", "for somebody else"],
)
def test_what_the_service_does_not_react_to_is_one_kind(body: str, end: str, output: Output) -> None:
    consumer("kernel", {OrderCreated: fine}, store=event_log)(a_batch(body), Context())
    assert measured(output)[end, "kernel", "other"] == [1]
    assert {key[2] for key in measured(output) if len(key) == 3} == {"other"}


def test_a_message_that_is_parked_is_counted_under_the_fact_it_claims_to_be(output: Output) -> None:
    handle = consumer("kernel", {OrderCreated: broken}, store=event_log)
    handle(a_batch(a_delivery(an_order_created()), receive_count=5), Context())
    assert measured(output)["DeadLettered", "kernel", "OrderCreated"] == [1]


def test_a_partner_s_fact_has_no_age_since_its_time_is_the_partner_s(output: Output) -> None:
    handle = consumer("kernel", {CheckoutCompleted: fine}, store=event_log)
    handle(a_batch(a_delivery(a_checkout_completed())), Context())
    assert [key[0] for key in measured(output)] == ["Handled", "Handled"]


def test_what_was_counted_before_a_crash_is_published_and_forgotten(output: Output) -> None:
    def dies(_: Event[Any]) -> None:
        raise KeyboardInterrupt

    handle = consumer("kernel", {OrderCreated: fine, OrderCancelled: dies}, store=event_log)
    with pytest.raises(KeyboardInterrupt):
        handle(a_batch(a_delivery(an_order_created()), a_delivery(an_order_cancelled())), Context())
    assert measured(output)["Handled", "kernel"] == [1]
    output.forget()
    handle(a_batch(a_delivery(an_order_created())), Context())
    assert measured(output)["Handled", "kernel"] == [1]
