"""The invocations of every function for some orders on the offline cloud, with AWS's responses."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from cli.demo.deployment import deployed_names, seed
from cli.demo.sample_orders import PRICES, sample_orders, seeded_random, stock_for
from cli.demo.submit import OrderSender
from pocketcloud import OfflineCloud
from pocketcloud.awslambda.sandbox import Sandbox
from pocketcloud.core.aws_calls import AwsCall

Recording = dict[str, Any]
"""`{"handler", "event", "responses", "environment"}`."""


def record_invocations(*, orders: int, minutes: int = 0) -> dict[str, list[Recording]]:
    """Carry orders that come at once to shipment; return the invocations of each function by handler.

    With `minutes` after the last shipment there are those of the minute schedules too.
    """
    recordings: dict[str, list[Recording]] = {}
    with OfflineCloud.start(start_at=datetime.now(UTC)) as cloud, _recorded(cloud, recordings):
        names, random = deployed_names(cloud.outputs), seeded_random(0)
        placed = sample_orders(orders, random)
        seed(cloud, names, PRICES, stock_for(placed))
        sender = OrderSender(cloud, names, random)
        for order in placed:
            sender.place(order)
        cloud.settle()
        cloud.advance(minutes=minutes)
    return recordings


@contextmanager
def _recorded(cloud: OfflineCloud, recordings: dict[str, list[Recording]]) -> Iterator[None]:
    running: list[Recording] = []
    original = Sandbox.handler

    def handler(sandbox: Sandbox) -> Callable[[Any, Any], Any]:
        name, handle = vars(sandbox)["_name"], original(sandbox)

        def handle_recorded(event: object, context: object) -> object:
            recording = {"handler": name, "event": event, "responses": [], "environment": {**os.environ}}
            recordings.setdefault(name, []).append(recording)
            running.append(recording)
            try:
                return handle(event, context)
            finally:
                running.pop()

        return handle_recorded

    def note(_call: AwsCall, proceed: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        response = proceed()
        body = {name: value for name, value in response.items() if name != "ResponseMetadata"}
        running[-1]["responses"].append(body)
        return response

    cloud.calls.middleware.append(note)
    with patch.object(Sandbox, "handler", handler):
        yield
