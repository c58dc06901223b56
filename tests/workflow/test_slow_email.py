"""Email that takes 14 seconds each delays emails, and loses or repeats none."""

from collections import Counter
from typing import Any

from pocketcloud import AwsCall
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.shop import PREFIX, Shop, an_order

SECONDS_PER_EMAIL = 14
ORDERS = 12
LINES = [{"sku": "CUP", "quantity": 1}]


def test_slow_email_delays_emails_and_loses_none(shop: Shop) -> None:
    def slow(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        response = proceed()
        if call.operation == "SendEmail":
            shop.cloud.clock.sleep(SECONDS_PER_EMAIL)
        return response

    with call_fault(shop.cloud, slow):
        orders = [
            shop.place(an_order(lines=LINES), key=f"k{each}", customer=f"c{each}") for each in range(ORDERS)
        ]
        shop.cloud.settle()
    sent = Counter(mail.subject for mail in shop.cloud.mails)
    assert [count for count in sent.values() if count != 1] == []
    assert len(sent) == 3 * ORDERS
    assert all(sum(order in subject for subject in sent) == 3 for order in orders)
    assert [lost for lost in shop.cloud.undelivered if "notifications" in lost.where] == []
    log = "".join(shop.cloud.logs(f"{PREFIX}-notifications"))
    assert "OutOfTimeError" not in log, "every message of a batch is started"
