"""The last day of an older version, near or past."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from infrastructure.names import LIVE
from tests.workflow.shop import PREFIX, Shop, a_checkout, checkout_entry


@contextmanager
def last_day(shop: Shop, day: date) -> Iterator[None]:
    """Deploy orders with this last day of the older version of checkouts, until the end."""
    functions, name = shop.cloud.client("lambda"), f"{PREFIX}-orders"
    version = functions.get_alias(FunctionName=name, Name=LIVE)["FunctionVersion"]
    before = functions.get_function_configuration(FunctionName=name, Qualifier=version)["Environment"]
    last_days = json.dumps({"CheckoutCompleted": {"1": day.isoformat()}})
    changed = {"Variables": {**before["Variables"], "ACCEPT_OLDER_UNTIL": last_days}}
    functions.update_function_configuration(FunctionName=name, Environment=changed)
    new = functions.publish_version(FunctionName=name)["Version"]
    functions.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=new)
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=name, Environment=before)
        functions.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=version)


def partner_is_late(shop: Shop, service: str) -> None:
    """A partner publishes the older version a week before its last day."""
    assert service == "orders"
    with last_day(shop, (shop.cloud.clock.now() + timedelta(days=7)).date()):
        entry = checkout_entry(a_checkout(key="late"), version=1, time=shop.cloud.clock.now())
        shop.cloud.put_events([entry])
        shop.cloud.advance(minutes=2)
