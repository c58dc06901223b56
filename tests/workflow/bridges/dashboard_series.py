"""The series that the dashboard of a bridge shows, and those that are measured."""

import json
import re
from collections.abc import Iterator

from pocketcloud import OfflineCloud
from tests.workflow.shop import PREFIX

SEARCHED = re.compile(r"MetricName=\"(?P<metric>\w+)\" service=\"(?P<service>[a-z-]+)\"")
RARE = {"Retried", "DeadLettered", "Duplicate", "NotAdmitted", "Throttles"}
RARE_OF_RULES = {"RetryInvocationAttempts", "InvocationsSentToDlq"}
"""Measured only when something fails."""
OF_QUEUES = {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"}
"""Measured only while a message is there."""


def series(cloud: OfflineCloud, dashboard: str) -> set[tuple[str, str]]:
    """Return each series as its metric and its service, or the last of its dimensions; not the rare ones."""
    shown = set(_shown(cloud, dashboard))
    queues = {url.rpartition("/")[2] for url in cloud.client("sqs").list_queues()["QueueUrls"]}
    assert {name for metric, name in shown if metric in OF_QUEUES} <= queues
    return {each for each in shown if each[0] not in RARE | RARE_OF_RULES | OF_QUEUES}


def measured(cloud: OfflineCloud) -> set[tuple[str, str]]:
    """Return every measured metric with the value of each of its dimensions."""
    return {(metric.name, value) for metric in cloud.metrics.known() for _, value in metric.dimensions}


def _shown(cloud: OfflineCloud, dashboard: str) -> Iterator[tuple[str, str]]:
    body = cloud.client("cloudwatch").get_dashboard(DashboardName=f"{PREFIX}-{dashboard}")["DashboardBody"]
    for widget in json.loads(body)["widgets"]:
        for first, *rest in widget["properties"]["metrics"]:
            if isinstance(first, dict):
                found = SEARCHED.search(first["expression"])
                assert found, first
                yield found["metric"], found["service"]
            else:
                yield rest[0], next(each for each in reversed(rest) if isinstance(each, str))
