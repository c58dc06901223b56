"""A stand-in for Stripe on this machine that remembers payments, refunds and idempotency keys.

No more is refunded than was captured, and a repeated key gets the first response again.
https://docs.stripe.com/refunds and https://docs.stripe.com/api/idempotent_requests
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.unit.functions.stripe_stub import HANG_UP, Asked, StripeStub, a_refund, a_refusal, an_intent

Reply = tuple[int, dict[str, Any]]


@dataclass
class StripeBank(StripeStub):
    """One captured payment, and every refund of it."""

    captured: int = 5099
    refunds: list[dict[str, Any]] = field(default_factory=list)
    refunds_settle: bool = True
    """Whether a refund succeeds at once; otherwise it is pending."""
    is_disputed: bool = False
    lost_posts: set[int] = field(default_factory=set)
    """The responses to these POSTs, counted from 1, never arrive."""
    after_list: Callable[[], object] = field(default=lambda: None)
    """What happens at the dashboard between our look at the refunds and our next request."""
    page_size: int = 100
    _kept: dict[str, tuple[dict[str, str], Reply]] = field(default_factory=dict)

    def refund_by_hand(self, amount: int, status: str = "succeeded") -> dict[str, Any]:
        """Refund at the dashboard: no order is named."""
        return self._refund(amount, status, metadata={})

    def settle(self, refund: dict[str, Any], status: str = "succeeded") -> None:
        refund["status"] = status

    @property
    def posts(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == "POST"]

    @property
    def refunded(self) -> int:
        """What the customer has, or will have, of the payment."""
        return sum(each["amount"] for each in self.refunds if each["status"] in {"succeeded", "pending"})

    def next(self) -> tuple[int, bytes]:
        asked = self.asked[-1]
        status, body = self._list(asked) if asked.method == "GET" else self._once_per_key(asked)
        if asked.method == "POST" and len(self.posts) in self.lost_posts:
            return HANG_UP, b""
        if asked.method == "GET":
            self.after_list()
        return status, json.dumps(body).encode()

    def _once_per_key(self, asked: Asked) -> Reply:
        key = asked.headers["idempotency-key"]
        if key in self._kept:
            form, reply = self._kept[key]
            return reply if form == asked.form else (400, a_refusal(type="idempotency_error"))
        status, body = self._requested(asked)
        if status == 200:
            self._kept[key] = asked.form, (status, dict(body))
        return status, body

    def _requested(self, asked: Asked) -> Reply:
        if asked.path == "/v1/payment_intents":
            return 200, an_intent(amount=self.captured, amount_received=self.captured)
        left, amount = self.captured - self.refunded, int(asked.form["amount"])
        if self.is_disputed:
            return 400, a_refusal(code="charge_disputed")
        if left == 0:
            return 400, a_refusal(code="charge_already_refunded")
        if amount > left:
            return 400, a_refusal(param="amount")
        status = "succeeded" if self.refunds_settle else "pending"
        return 200, self._refund(amount, status, metadata={"order_id": asked.form["metadata[order_id]"]})

    def _refund(self, amount: int, status: str, *, metadata: dict[str, str]) -> dict[str, Any]:
        number = len(self.refunds) + 1
        made = a_refund(id=f"re_{number}", amount=amount, status=status, metadata=metadata)
        self.refunds.insert(0, made)
        return made

    def _list(self, asked: Asked) -> Reply:
        ids = [each["id"] for each in self.refunds]
        start = ids.index(asked.form["starting_after"]) + 1 if "starting_after" in asked.form else 0
        page = self.refunds[start : start + min(int(asked.form["limit"]), self.page_size)]
        has_more = start + len(page) < len(self.refunds)
        return 200, {"object": "list", "data": page, "has_more": has_more}
