"""Every alarm of the deployed template goes off for its fault, and none does while orders flow."""

from collections.abc import Callable

import pytest

from infrastructure import topology
from infrastructure.names import kebab
from tests.workflow.delivery_faults import (
    late,
    not_fanned_out,
    not_replayed,
    not_started,
    not_taken_in,
    overdue,
    undelivered,
)
from tests.workflow.function_faults import (
    TABLES_OF_APIS,
    a_bank_that_took_the_money_back,
    a_gateway_that_declines_all,
    a_gateway_that_says_nothing,
    a_gateway_that_speaks_of_another_sum,
    crashing_api,
    crashing_consumer,
    crashing_every_minute,
    crashing_levels,
    crashing_relay,
    failing_one_by_one,
    forged,
    garbage,
    levels_that_give_up,
    lost_topic,
    relay_that_gives_up,
    stalled_levels,
    stalled_relay,
    suspected_too_late,
    throttled_api,
    throttled_consumer,
    throttled_every_minute,
    throttled_stream,
    unavailable_api,
    unparked,
    unparked_row,
    waiting,
)
from tests.workflow.shop import PREFIX, Shop, a_checkout, an_order, checkout_entry
from tests.workflow.version_faults import partner_is_late

SERVICES = tuple(service.name for service in topology.SERVICES)
EVERY_MINUTE = ("orders-deadlines", "payments-reconciliation")
OURS = tuple(fact.name for fact in topology.FACTS if not topology.is_external(fact))


def fired_alarms(shop: Shop) -> set[str]:
    """Return the alarms that fired, including those that returned to OK."""
    changes = shop.cloud.alarms.changes
    return {change.alarm.removeprefix(f"{PREFIX}-") for change in changes if change.after == "ALARM"}


Fault = Callable[[Shop, str], None]
FAULTS: dict[str, tuple[Fault, str]] = {
    **{f"{name}-dlq-not-empty": (garbage, name) for name in SERVICES},
    **{f"{name}-forged": (forged, name) for name in SERVICES},
    **{f"{name}-not-dead-lettered": (unparked, name) for name in SERVICES},
    **{f"{name}-retries": (failing_one_by_one, name) for name in SERVICES},
    **{f"{name}-message-age": (waiting, name) for name in SERVICES},
    **{f"{name}-errors": (crashing_consumer, name) for name in SERVICES},
    **{f"{name}-api-errors": (crashing_api, name) for name in TABLES_OF_APIS},
    **{f"{name}-api-unavailable": (unavailable_api, name) for name in TABLES_OF_APIS},
    **{f"{name}-event-lag": (late, name) for name in SERVICES},
    **{f"{name}-throttles": (throttled_consumer, name) for name in SERVICES},
    **{f"{name}-api-throttles": (throttled_api, name) for name in TABLES_OF_APIS},
    **{f"{name}-throttles": (throttled_every_minute, name) for name in EVERY_MINUTE},
    **{f"{name}-throttles": (throttled_stream, name) for name in ("relay", "inventory-levels")},
    **{f"{name}-replay-not-delivered": (not_replayed, name) for name in SERVICES},
    **{f"{name}-not-delivered": (not_started, name) for name in EVERY_MINUTE},
    **{f"{kebab(fact)}-not-delivered": (undelivered, fact) for fact in OURS},
    **{f"{kebab(fact)}-not-fanned-out": (not_fanned_out, fact) for fact in OURS},
    "orders-checkout-completed-not-delivered": (not_taken_in, "orders CheckoutCompleted"),
    "inventory-stock-replenished-not-delivered": (not_taken_in, "inventory StockReplenished"),
    "orders-overdue": (overdue, "orders"),
    "orders-are-not-flowing": (stalled_relay, "relay"),
    "orders-deadlines-errors": (crashing_every_minute, "orders-deadlines"),
    "orders-fraud-suspected-too-late": (suspected_too_late, "orders"),
    "orders-older-version-ends": (partner_is_late, "orders"),
    "payments-reconciliation-errors": (crashing_every_minute, "payments-reconciliation"),
    "payments-payment-unknown-too-long": (a_gateway_that_says_nothing, "payments"),
    "payments-declines": (a_gateway_that_declines_all, "payments"),
    "payments-payment-disputed": (a_bank_that_took_the_money_back, "payments"),
    "payments-payment-mismatch": (a_gateway_that_speaks_of_another_sum, "payments"),
    "inventory-levels-errors": (crashing_levels, "inventory-levels"),
    "inventory-levels-iterator-age": (stalled_levels, "inventory-levels"),
    "inventory-levels-dlq-not-empty": (levels_that_give_up, "inventory-levels"),
    "relay-not-dead-lettered": (unparked_row, "relay"),
    "relay-errors": (crashing_relay, "relay"),
    "relay-iterator-age": (stalled_relay, "relay"),
    "relay-dlq-not-empty": (relay_that_gives_up, "relay"),
    "api-failing": (unavailable_api, "orders"),
    "order-bus-dlq-not-empty": (lost_topic, "order-bus"),
}


@pytest.mark.parametrize("alarm", FAULTS)
def test_alarm_fires_on_its_fault(shop: Shop, alarm: str) -> None:
    shop.cloud.advance(minutes=1)
    assert fired_alarms(shop) == set()
    fault, where = FAULTS[alarm]
    fault(shop, where)
    assert alarm in fired_alarms(shop)


def test_every_alarm_of_the_template_is_tested(shop: Shop) -> None:
    found = (
        shop.cloud.client("cloudwatch")
        .get_paginator("describe_alarms")
        .paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    )
    alarms = [alarm for page in found for alarm in (*page["MetricAlarms"], *page["CompositeAlarms"])]
    names = {alarm["AlarmName"].removeprefix(f"{PREFIX}-") for alarm in alarms}
    assert names == set(FAULTS)


def test_no_alarm_fires_while_orders_flow(shop: Shop) -> None:
    for number in range(5):
        shop.place(an_order(), key=f"k{number}", customer=f"c{number}")
        shop.cloud.put_events([checkout_entry(a_checkout(key=f"p{number}"))])
        shop.cloud.advance(minutes=10)
    assert fired_alarms(shop) == set()
