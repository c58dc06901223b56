"""A stand-in for Stripe on this machine that remembers payments, refunds and idempotency keys.

No more is refunded than was captured, and a repeated key gets the first response again.
https://docs.stripe.com/refunds and https://docs.stripe.com/api/idempotent_requests
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.unit.functions.stripe_stub import (
    HANG_UP,
    StripeRequest,
    StripeStub,
    a_refund,
    a_refusal,
    an_intent,
)

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
    """Called between a read of the refunds and the next request, to refund at the dashboard."""
    page_size: int = 100
    _kept: dict[str, tuple[dict[str, str], Reply]] = field(default_factory=dict)

    def refund_by_hand(self, amount: int, status: str = "succeeded") -> dict[str, Any]:
        """Refund at the dashboard: no order is named."""
        return self._refund(amount, status, metadata={})

    def settle(self, refund: dict[str, Any], status: str = "succeeded") -> None:
        refund["status"] = status

    @property
    def posts(self) -> list[StripeRequest]:
        return [request for request in self.requests if request.method == "POST"]

    @property
    def refunded(self) -> int:
        """Return the amount that the customer has got back, or will."""
        return sum(each["amount"] for each in self.refunds if each["status"] in {"succeeded", "pending"})

    def next(self) -> tuple[int, bytes]:
        request = self.requests[-1]
        status, body = self._list(request) if request.method == "GET" else self._once_per_key(request)
        if request.method == "POST" and len(self.posts) in self.lost_posts:
            return HANG_UP, b""
        if request.method == "GET":
            self.after_list()
        return status, json.dumps(body).encode()

    def _once_per_key(self, request: StripeRequest) -> Reply:
        key = request.headers["idempotency-key"]
        if key in self._kept:
            form, reply = self._kept[key]
            return reply if form == request.form else (400, a_refusal(type="idempotency_error"))
        status, body = self._requested(request)
        if status == 200:
            self._kept[key] = request.form, (status, dict(body))
        return status, body

    def _requested(self, request: StripeRequest) -> Reply:
        if request.path == "/v1/payment_intents":
            return 200, an_intent(amount=self.captured, amount_received=self.captured)
        left, amount = self.captured - self.refunded, int(request.form["amount"])
        if self.is_disputed:
            return 400, a_refusal(code="charge_disputed")
        if left == 0:
            return 400, a_refusal(code="charge_already_refunded")
        if amount > left:
            return 400, a_refusal(param="amount")
        status = "succeeded" if self.refunds_settle else "pending"
        return 200, self._refund(amount, status, metadata={"order_id": request.form["metadata[order_id]"]})

    def _refund(self, amount: int, status: str, *, metadata: dict[str, str]) -> dict[str, Any]:
        number = len(self.refunds) + 1
        made = a_refund(id=f"re_{number}", amount=amount, status=status, metadata=metadata)
        self.refunds.insert(0, made)
        return made

    def _list(self, request: StripeRequest) -> Reply:
        ids = [each["id"] for each in self.refunds]
        start = ids.index(request.form["starting_after"]) + 1 if "starting_after" in request.form else 0
        page = self.refunds[start : start + min(int(request.form["limit"]), self.page_size)]
        has_more = start + len(page) < len(self.refunds)
        return 200, {"object": "list", "data": page, "has_more": has_more}
