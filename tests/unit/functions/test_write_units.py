"""The size of the event log's rows: the usual order of three lines costs one write unit a fact."""

import pytest

from functions.contracts.order_fact import OrderFact
from functions.contracts.values import Line, PricedLine
from functions.shared.event_store.event_log import EventLog
from tests.now import NOW
from tests.unit.functions.account import rows
from tests.unit.functions.builders import (
    CAUSE,
    CUPS,
    TEAPOT,
    a_payment_processed,
    a_shipment_scheduled,
    an_inventory_reserved,
    an_order_confirmed,
    an_order_created,
)

WRITE_UNIT_BYTES = 1024
LINES = (TEAPOT, CUPS, PricedLine(sku="SUGAR-BOWL", quantity=1, unit_price=1299))
USUAL_FACTS: tuple[OrderFact, ...] = (
    an_order_created(lines=LINES),
    an_inventory_reserved(lines=tuple(Line(sku=line.sku, quantity=line.quantity) for line in LINES)),
    a_payment_processed(),
    an_order_confirmed(lines=tuple(Line(sku=line.sku, quantity=line.quantity) for line in LINES)),
    a_shipment_scheduled(),
)
"""The facts of a shipped order of three lines."""


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("fact", USUAL_FACTS, ids=lambda fact: type(fact).__name__)
def test_usual_fact_fits_one_write_unit(fact: OrderFact) -> None:
    EventLog(clock=lambda: NOW).append(fact, cause=CAUSE)
    (row,) = rows("EVENT_LOG_TABLE")
    assert sum(len(name.encode()) + len(value.encode()) for name, value in row.items()) <= WRITE_UNIT_BYTES
