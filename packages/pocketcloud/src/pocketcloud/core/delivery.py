"""What can go wrong between two managed services, and how it is told in a dead-letter queue."""

from dataclasses import dataclass


@dataclass(eq=False)
class DeliveryError(Exception):
    """A target did not take a delivery; only a server error may be tried again."""

    code: str
    """As EventBridge names it: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html."""
    message: str
    retriable: bool = False

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def check_reachable(resource: str, outages: set[str]) -> None:
    """Raise the server error that an outage of this resource makes it answer."""
    if resource in outages:
        raise DeliveryError("INTERNAL_ERROR", f"{resource} is unavailable", retriable=True)
