"""The steps that take a grant away: an order is placed, and somebody must notice."""

from collections.abc import Iterator
from contextlib import contextmanager

from deploy_check import assembly as assemblies
from deploy_check.changes import Grant, without
from deploy_check.denials import denials
from deploy_check.deployment import Deployment
from deploy_check.failure import require
from deploy_check.ordering import SHIPPED, SHIPPED_LETTERS
from deploy_check.shop import GOOD_CARD, wait_until

NOTICED_WITHIN = 30.0
"""Seconds."""


def suffice(check: Deployment) -> str:
    """What happened so far happened without a single refusal by IAM."""
    found = denials(check)
    require(met=not found, otherwise=f"{len(found)} requests were denied, the first: {found[:1]}")
    return "no denial in any function's log"


def api_without_write(check: Deployment) -> str:
    """The API cannot take an order into its table: the customer is told so, and nothing is decided."""
    function = check.names.function("orders", "api")
    grant = Grant(function, "dynamodb:PutItem", f"table/{check.names.table('orders', 'orders')}")
    with _taken(check, grant, stack="orders") as before:
        reply = check.shop.post(key="no-write", card=GOOD_CARD, token=check.token)
        require(met=reply.status >= 500, otherwise=f"unnoticed: {reply.status} {reply.body}")  # noqa: PLR2004 - HTTP
        return f"{reply.status}; {_noticed(check, function, before)}"


def relay_without_bus(check: Deployment) -> str:
    """The relay cannot publish: the order waits in the log, and goes on once the grant is back."""
    function = check.names.relay
    with _taken(check, Grant(function, "events:PutEvents", "OrderBus"), stack="platform") as before:
        order = check.shop.place(key="no-relay", card=GOOD_CARD, token=check.token)
        words = _noticed(check, function, before)
        _require_waiting(check, order)
    return f"{words}; then {check.shop.follow(order, to=SHIPPED, letters=SHIPPED_LETTERS)}"


def consumer_without_write(check: Deployment) -> str:
    """Inventory cannot take a piece from the shelf: nothing is reserved, and the piece is still there."""
    function, on_shelf = check.names.function("inventory"), check.shop.available()
    grant = Grant(function, "dynamodb:UpdateItem", f"table/{check.names.table('inventory', 'stock')}")
    with _taken(check, grant, stack="inventory") as before:
        order = check.shop.place(key="no-shelf", card=GOOD_CARD, token=check.token)
        words = _noticed(check, function, before)
        _require_waiting(check, order)
        require(met=check.shop.available() == on_shelf, otherwise="the piece is gone from the shelf")
        return words


@contextmanager
def _taken(check: Deployment, grant: Grant, *, stack: str) -> Iterator[int]:
    """Deploy the stack without the grant, and with it again; yields how often it was denied so far."""
    name = check.names.stack(stack)
    poorer = check.folder / f"without-{grant.action.replace(':', '-')}-{grant.function}"
    assemblies.changed(check.assembly, poorer, {name: without(grant)})
    before = len(denials(check, grant.function))
    check.cdk.deploy(poorer, "--exclusively", name)
    yield before
    check.cdk.deploy(check.assembly, "--exclusively", name)


def _noticed(check: Deployment, function: str, before: int) -> str:
    """Wait for the function's own word that IAM refused it; CheckError if it has none."""
    wait_until(
        lambda: len(denials(check, function)) > before,
        otherwise=lambda: f"the missing grant went unnoticed: {function} was denied nothing",
        patience=NOTICED_WITHIN,
    )
    return f"{function} was denied"


def _require_waiting(check: Deployment, order: str) -> None:
    facts = check.shop.facts(order)
    require(met=facts == ["OrderCreated"], otherwise=f"without the grant the order came to {facts}")
