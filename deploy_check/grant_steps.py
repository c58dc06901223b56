"""Steps that remove a grant, place an order, and check that the denial is visible."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from deploy_check import assembly as assemblies
from deploy_check.denials import denials
from deploy_check.deployment import Deployment
from deploy_check.failure import require
from deploy_check.order_steps import SHIPPED, SHIPPED_EMAILS
from deploy_check.shop import GOOD_CARD, wait_until
from deploy_check.template_changes import Grant, without_grant

NOTICED_SECONDS = 30.0


def suffice(check: Deployment) -> str:
    """Check that IAM has denied no request so far."""
    found = denials(check)
    require(met=not found, otherwise=f"{len(found)} requests were denied, the first: {found[:1]}")
    return "no denial in any function's log"


def api_without_write(check: Deployment) -> str:
    """Remove the API's write to the waiting orders: the customer gets an error, and there is no fact."""
    function = check.names.function("orders", "api")
    grant = Grant(function, "dynamodb:PutItem", f"table/{check.names.table('orders', 'waiting')}")
    with _without_grant(check, grant, stack="orders") as before:
        response = check.shop.post(key="no-write", card=GOOD_CARD, token=check.token)
        require(
            met=response.status >= HTTPStatus.INTERNAL_SERVER_ERROR,
            otherwise=f"accepted: {response.status} {response.body}",
        )
        return f"{response.status}; {_wait_for_denial(check, function, before)}"


def relay_without_bus(check: Deployment) -> str:
    """Remove the relay's grant to publish: the order waits in the log until the grant is back."""
    function = check.names.relay
    with _without_grant(check, Grant(function, "events:PutEvents", "OrderBus"), stack="platform") as before:
        order = check.shop.place(key="no-relay", card=GOOD_CARD, token=check.token)
        message = _wait_for_denial(check, function, before)
        _require_waiting(check, order)
    return f"{message}; then {check.shop.follow(order, to=SHIPPED, emails=SHIPPED_EMAILS)}"


def consumer_without_write(check: Deployment) -> str:
    """Remove inventory's write to the stock: nothing is reserved."""
    function, available = check.names.function("inventory"), check.shop.available()
    grant = Grant(function, "dynamodb:UpdateItem", f"table/{check.names.table('inventory', 'stock')}")
    with _without_grant(check, grant, stack="inventory") as before:
        order = check.shop.place(key="no-stock", card=GOOD_CARD, token=check.token)
        message = _wait_for_denial(check, function, before)
        _require_waiting(check, order)
        require(met=check.shop.available() == available, otherwise="stock was taken without the grant")
        return message


@contextmanager
def _without_grant(check: Deployment, grant: Grant, *, stack: str) -> Iterator[int]:
    """Deploy the stack without the grant, and with it again; yield the number of denials before."""
    name = check.names.stack(stack)
    reduced = check.folder / f"without-{grant.action.replace(':', '-')}-{grant.function}"
    assemblies.copy_with_changes(check.assembly, reduced, {name: without_grant(grant)})
    before = len(denials(check, grant.function))
    check.cdk.deploy(reduced, "--exclusively", name)
    yield before
    check.cdk.deploy(check.assembly, "--exclusively", name)


def _wait_for_denial(check: Deployment, function: str, before: int) -> str:
    """Wait until the function logs a denial; raise CheckError if it does not."""
    wait_until(
        lambda: len(denials(check, function)) > before,
        otherwise=lambda: f"the missing grant went unnoticed: {function} was denied nothing",
        timeout=NOTICED_SECONDS,
    )
    return f"{function} was denied"


def _require_waiting(check: Deployment, order: str) -> None:
    facts = check.shop.facts(order)
    require(met=facts == ["OrderCreated"], otherwise=f"without the grant the order came to {facts}")
