"""The deployed stage as a scenario's site."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from deploy_check.deployment import Deployment
from deploy_check.scenarios import SCENARIOS, Site
from deploy_check.shop import wait_until
from deploy_check.steps import Step


@dataclass(frozen=True, slots=True)
class DeployedSite:
    """What a scenario does and sees, on the endpoint; waiting is asking again."""

    check: Deployment

    def place(self, *, key: str, quantity: int = 1, card: str = "pm_card_visa") -> str:
        """`POST /orders` with the customer's token."""
        return self.check.shop.place(key=key, quantity=quantity, card=card, token=self.check.token)

    def send(self, service: str, body: str) -> None:
        """SQS's SendMessage."""
        self._sqs.send_message(QueueUrl=self._url(self.check.names.queue(service)), MessageBody=body)

    def event(self, order: str, fact: str) -> dict[str, Any]:
        """The one event of that name in the order's history."""
        (event,) = [event for event in self.check.shop.events(order) if event["type"] == fact]
        return event

    def facts(self, order: str) -> Sequence[str]:
        """From the event log."""
        return self.check.shop.facts(order)

    def letters(self, order: str) -> Sequence[str]:
        """From the endpoint's mailbox."""
        return self.check.shop.letters(order)

    def available(self) -> int:
        """From the stock table."""
        return self.check.shop.available()

    def dead_letters(self, service: str) -> Sequence[Mapping[str, str]]:
        """Received and deleted."""
        url = self._url(self.check.names.dead_letter_queue(service))
        batch = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        messages = batch.get("Messages", [])
        for message in messages:
            self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [
            {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
            for message in messages
        ]

    def wait(self, met: Callable[[], bool], *, otherwise: Callable[[], str]) -> None:
        """Up to the shop's patience."""
        wait_until(met, otherwise=otherwise)

    @property
    def _sqs(self) -> Any:  # noqa: ANN401 - boto3's clients share no type
        return self.check.endpoint.client("sqs")

    def _url(self, queue: str) -> str:
        return str(self._sqs.get_queue_url(QueueName=queue)["QueueUrl"])


def _carry_out(scenario: Callable[[Site], str], check: Deployment) -> str:
    return scenario(DeployedSite(check))


SCENARIO_STEPS = tuple(Step(name, partial(_carry_out, scenario)) for name, scenario in SCENARIOS.items())
"""Each scenario as a step of a pass."""
