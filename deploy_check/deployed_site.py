"""The deployed stage as the site of a scenario."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from deploy_check.deployment import Deployment
from deploy_check.scenarios import SCENARIOS, Site
from deploy_check.shop import wait_until
from deploy_check.steps import CheckStep


@dataclass(frozen=True, slots=True)
class DeployedSite:
    """A site on the endpoint; it waits by polling."""

    check: Deployment

    def place(self, *, key: str, quantity: int = 1, card: str = "pm_card_visa") -> str:
        """Send `POST /orders` with the customer's token."""
        return self.check.shop.place(key=key, quantity=quantity, card=card, token=self.check.token)

    def send(self, service: str, body: str) -> None:
        """Send a message with SQS."""
        self._sqs.send_message(QueueUrl=self._url(self.check.names.queue(service)), MessageBody=body)

    def event(self, order: str, fact: str) -> dict[str, Any]:
        """Return the order's only event of this fact."""
        (event,) = [event for event in self.check.shop.events(order) if event["type"] == fact]
        return event

    def facts(self, order: str) -> Sequence[str]:
        """Read the event log."""
        return self.check.shop.facts(order)

    def emails(self, order: str) -> Sequence[str]:
        """Read the endpoint's mailbox."""
        return self.check.shop.emails(order)

    def available(self) -> int:
        """Read the stock table."""
        return self.check.shop.available()

    def dead_letters(self, service: str) -> Sequence[Mapping[str, str]]:
        """Receive and delete messages."""
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
        """Poll until the condition is met."""
        wait_until(met, otherwise=otherwise)

    @property
    def _sqs(self) -> Any:  # noqa: ANN401 - boto3's clients share no type
        return self.check.endpoint.client("sqs")

    def _url(self, queue: str) -> str:
        return str(self._sqs.get_queue_url(QueueName=queue)["QueueUrl"])


def _run(scenario: Callable[[Site], str], check: Deployment) -> str:
    return scenario(DeployedSite(check))


SCENARIO_STEPS = tuple(CheckStep(name, partial(_run, scenario)) for name, scenario in SCENARIOS.items())
"""The scenarios as steps of a pass."""
