"""Delivery errors between managed services, with the code that the dead-letter queue shows."""

from dataclasses import dataclass


@dataclass(eq=False)
class DeliveryError(Exception):
    """A target rejected a delivery; only server errors are retried."""

    code: str
    """EventBridge's error code: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html."""
    message: str
    retriable: bool = False

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def check_reachable(resource: str, outages: set[str]) -> None:
    """Raise a server error if the resource has an outage."""
    if resource in outages:
        raise DeliveryError("INTERNAL_ERROR", f"{resource} is unavailable", retriable=True)
