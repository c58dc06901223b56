"""The scenarios of `make deploy-check`, run on the offline cloud."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from deploy_check.failure import CheckError, require
from deploy_check.scenarios import SCENARIOS, Site
from tests.workflow.invariants import violations
from tests.workflow.shop import PREFIX, STOCK, Shop, an_order


@dataclass(frozen=True)
class OfflineSite:
    """The offline cloud as the site of a scenario; it settles instead of waiting."""

    shop: Shop

    def place(self, *, key: str, quantity: int = 1, card: str = "pm_card_visa") -> str:
        lines = [{"sku": "CUP", "quantity": quantity}]
        return self.shop.place(an_order(lines=lines, payment_method=card), key=key)

    def send(self, service: str, body: str) -> None:
        sqs = self.shop.cloud.client("sqs")
        sqs.send_message(
            QueueUrl=sqs.get_queue_url(QueueName=f"{PREFIX}-{service}")["QueueUrl"], MessageBody=body
        )

    def event(self, order: str, fact: str) -> dict[str, Any]:
        events = [
            json.loads(row["event"]) for row in self.shop.rows("event-log") if row["pk"].endswith(order)
        ]
        (event,) = [event for event in events if event["type"] == fact]
        return dict(event)

    def facts(self, order: str) -> Sequence[str]:
        return self.shop.facts(order)

    def emails(self, order: str) -> Sequence[str]:
        return [subject for subject in self.shop.email_subjects() if order in subject]

    def available(self) -> int:
        return self.shop.available()["CUP"]

    def dead_letters(self, service: str) -> Sequence[Mapping[str, str]]:
        return [
            {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
            for message in self.shop.dead_letters(service)
        ]

    def wait(self, met: Callable[[], bool], *, otherwise: Callable[[], str]) -> None:
        self.shop.cloud.settle()
        require(met=met(), otherwise=otherwise())


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_passes_offline(shop: Shop, name: str) -> None:
    site: Site = OfflineSite(shop)
    assert SCENARIOS[name](site)
    assert [found for found in violations(shop) if "json_invalid" not in found] == []


def test_scenario_fails_when_nothing_happens(shop: Shop) -> None:
    class IdleSite(OfflineSite):
        def wait(self, met: Callable[[], bool], *, otherwise: Callable[[], str]) -> None:
            require(met=met(), otherwise=otherwise())

    for name, scenario in SCENARIOS.items():
        shop.cloud.reset()
        shop.open(STOCK)
        with pytest.raises(CheckError, match="got no further"):
            print(name, scenario(IdleSite(shop)))  # noqa: T201 - shows a scenario that passes too easily
