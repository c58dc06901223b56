"""A queue and a rule that exist while `orderbus restore events` runs: a replay of the archive fills it."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.core.account import Account

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

RECOVERY = "recovery"
"""The end of both names, and the start of the replay's."""
TARGET = "recovery"
MAXIMUM_MESSAGES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryQueue:
    """The queue, and the rule of the event bus that fills it from replays with its prefix."""

    sqs: "SQSClient"
    url: str
    rule_arn: str

    def receive(self) -> Sequence[Any]:
        """Return up to ten messages."""
        response = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=MAXIMUM_MESSAGES)
        return response.get("Messages", [])

    def delete(self, messages: Sequence[Any]) -> None:
        """Delete the messages."""
        entries: Any = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            for number, message in enumerate(messages)
        ]
        self.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)


@contextmanager
def recovery_queue(account: Account) -> Iterator[RecoveryQueue]:
    """Make the queue and the rule, and delete both at the end; a rest of an earlier run is used again."""
    sqs, events, names = account.client("sqs"), account.client("events"), account.names
    name, bus = names.of(RECOVERY), names.event_bus
    prefix = names.replays(RECOVERY)
    rule_arn = events.put_rule(
        Name=name, EventBusName=bus, EventPattern=json.dumps({"replay-name": [{"prefix": prefix}]})
    )["RuleArn"]
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    try:
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps(_policy(arn, rule_arn))
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": TARGET, "Arn": arn}])
        yield RecoveryQueue(sqs=sqs, url=url, rule_arn=rule_arn)
    finally:
        events.remove_targets(Rule=name, EventBusName=bus, Ids=[TARGET])
        events.delete_rule(Name=name, EventBusName=bus)
        sqs.delete_queue(QueueUrl=url)


def _policy(queue_arn: str, rule_arn: str) -> dict[str, Any]:
    """Allow the rule alone.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    """
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
