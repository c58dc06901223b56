"""One message published to a topic."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.sns.models import Topic

from pocketcloud.core.journal import EventRef
from pocketcloud.sqs.message_checks import MessageGroup
from pocketcloud.sqs.queues import NO_GROUP


@dataclass(frozen=True, slots=True)
class Notification:
    """One published message."""

    topic: Topic
    message_id: str
    message: str
    subject: str | None
    attributes: Mapping[str, Any]
    """Message attributes, each with `Type` and `Value`, as moto parses them."""
    event: EventRef | None
    group: MessageGroup = NO_GROUP
    sequence_number: str | None = None
    """Set for a FIFO topic."""
    function_message: str | None = None
    """The message for functions, if the publisher sent one per protocol."""

    def queue_attributes(self) -> dict[str, Any]:
        """Return the attributes as SQS has them, for raw delivery."""
        return {
            name: {
                "DataType": attribute["Type"],
                "BinaryValue" if attribute["Type"].startswith("Binary") else "StringValue": (
                    attribute["Value"] if attribute["Type"].startswith("Binary") else str(attribute["Value"])
                ),
            }
            for name, attribute in self.attributes.items()
        }
