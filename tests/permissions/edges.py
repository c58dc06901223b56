"""Every way in which an AWS service reaches a resource of ours, read from the deployed account."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pocketcloud import OfflineCloud
from pocketcloud.iam.access_request import AccessRequest
from pocketcloud.iam.principals import service
from pocketcloud.iam.text import Value

ACTIONS = {"sns": "sns:Publish", "sqs": "sqs:SendMessage", "lambda": "lambda:InvokeFunction"}
STRANGER = "999988887777"


@dataclass(frozen=True)
class Edge:
    """A service that acts on a resource for a source."""

    principal: str
    target: str
    source: str

    def admits(self, cloud: OfflineCloud, **changes: str) -> bool:
        """Return whether the call is allowed, with these changes."""
        source = changes.get("source", self.source)
        context: dict[str, Value] = {
            "aws:sourcearn": source,
            "aws:sourceaccount": source.split(":")[4],
            "aws:securetransport": changes.get("tls", "true"),
        }
        asked = AccessRequest(ACTIONS[self.target.split(":")[2]], self.target, context)
        return cloud.access.decide(service(changes.get("principal", self.principal)), asked).allowed

    def holes(self, cloud: OfflineCloud) -> Iterator[str]:
        """Return the faults: the call is denied, or allowed to somebody else too."""
        account = self.source.split(":")[4]
        strangers = {
            "another resource": {"source": re.sub(r"[^/:]+$", "another", self.source)},
            "another account": {"source": self.source.replace(account, STRANGER)},
            "another service": {"principal": "s3.amazonaws.com"},
        }
        if self.target.split(":")[2] != "lambda":  # whose API is reached over TLS only
            strangers["plain HTTP"] = {"tls": "false"}
        if not self.admits(cloud):
            yield f"{self} is refused"
        for who, changes in strangers.items():
            if self.admits(cloud, **changes):
                yield f"{self} lets in {who}"


def edges(cloud: OfflineCloud) -> list[Edge]:
    """Return every edge: rules, subscriptions, their dead-letter queues, alarms."""
    return [*_of_rules(cloud), *_of_subscriptions(cloud), *_of_alarms(cloud)]


def holes(cloud: OfflineCloud) -> list[str]:
    """Everything that is wrong with any of them."""
    return [hole for edge in edges(cloud) for hole in edge.holes(cloud)]


def _of_rules(cloud: OfflineCloud) -> Iterator[Edge]:
    events = cloud.client("events")
    for bus in events.list_event_buses()["EventBuses"]:
        for rule in events.list_rules(EventBusName=bus["Name"])["Rules"]:
            if "ManagedBy" in rule:
                continue
            targets = events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus["Name"])["Targets"]
            for target in targets:
                yield Edge("events.amazonaws.com", target["Arn"], rule["Arn"])
                if "DeadLetterConfig" in target:
                    yield Edge("events.amazonaws.com", target["DeadLetterConfig"]["Arn"], rule["Arn"])


def _of_subscriptions(cloud: OfflineCloud) -> Iterator[Edge]:
    sns = cloud.client("sns")
    for page in sns.get_paginator("list_subscriptions").paginate():
        for each in page["Subscriptions"]:
            if each["Protocol"] == "email":
                continue  # SNS writes to a person itself
            yield Edge("sns.amazonaws.com", each["Endpoint"], each["TopicArn"])
            attributes = sns.get_subscription_attributes(SubscriptionArn=each["SubscriptionArn"])[
                "Attributes"
            ]
            redrive = json.loads(attributes["RedrivePolicy"])
            yield Edge("sns.amazonaws.com", redrive["deadLetterTargetArn"], each["TopicArn"])


def _of_alarms(cloud: OfflineCloud) -> Iterator[Edge]:
    for page in cloud.client("cloudwatch").get_paginator("describe_alarms").paginate():
        for alarm in page["MetricAlarms"]:
            for topic in alarm["AlarmActions"]:
                yield Edge("cloudwatch.amazonaws.com", topic, alarm["AlarmArn"])
