"""Rows expire in the tables that delete expired rows, by the attribute those tables look at."""

import pytest

from functions.fraud.handler import handle as judge
from functions.inventory.handler import handle as reserve
from functions.notifications.handler import handle as notify
from functions.orders.placement import create
from functions.payments.handler import handle as pay
from functions.shared.event_store.idempotency import EXPIRY
from functions.shipping.handler import handle as ship
from functions.views.handler import handle as project
from infrastructure import topology
from infrastructure.names import table_variable
from tests.unit.functions.account import KEYS, rows, stock
from tests.unit.functions.builders import (
    CAUSE,
    NO_FAILURES,
    Context,
    a_batch,
    a_delivery,
    an_inventory_reserved,
    an_order_confirmed,
    an_order_created,
)

pytestmark = pytest.mark.usefixtures("aws")

CREATED = a_delivery(an_order_created())
EXPIRING = {
    table_variable(table.name) for service in topology.SERVICES for table in service.tables if table.expires
}


def test_rows_have_an_expiry_when_their_table_deletes_them() -> None:
    stock(TEAPOT=3, CUP=10)
    assert create(an_order_created(), cause=CAUSE, limited=True).is_new
    for handle in (reserve, judge, notify, project):
        assert handle(a_batch(CREATED), Context()) == NO_FAILURES
    assert pay(a_batch(a_delivery(an_inventory_reserved())), Context()) == NO_FAILURES
    assert ship(a_batch(a_delivery(an_order_confirmed())), Context()) == NO_FAILURES
    written = {variable: rows(variable) for variable in KEYS}
    assert {variable for variable, found in written.items() if found} >= EXPIRING
    for variable, found in written.items():
        for row in found:
            assert (EXPIRY in row) == (variable in EXPIRING), (variable, row)
            assert not {"expiration", "ttl"} & row.keys()
