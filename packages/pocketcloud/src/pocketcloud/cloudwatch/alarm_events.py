"""Messages about an alarm's change: to EventBridge, to topics and to functions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.cloudwatch.models import Alarm

from pocketcloud.cloudwatch.alarm_state import AlarmState
from pocketcloud.core.service_event import service_event
from pocketcloud.iam.access_request import AccountRegion


@dataclass(frozen=True, slots=True)
class StateChange:
    """A change of an alarm's state."""

    at: datetime
    alarm: str
    before: AlarmState
    after: AlarmState
    reason: str


def bus_event(alarm: Alarm, change: StateChange, place: AccountRegion, before: str) -> dict[str, Any]:
    """Return the event on the default bus; `before` is the reason of the state before."""
    return service_event(
        place,
        change.at,
        source="aws.cloudwatch",
        kind="CloudWatch Alarm State Change",
        resource=alarm.alarm_arn,
        detail=_detail(alarm, change, before),
    )


def function_event(alarm: Alarm, change: StateChange, place: AccountRegion, before: str) -> dict[str, Any]:
    """Return the event of a function that is an alarm's action."""
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm.alarm_arn,
        "accountId": place.account,
        "time": _time(change.at),
        "region": place.region,
        "alarmData": _detail(alarm, change, before),
    }


def topic_message(alarm: Alarm, change: StateChange, place: AccountRegion) -> dict[str, Any]:
    """Return the notification's fields about the state change."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": place.account,
        "Region": place.region,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": change.before,
        "NewStateValue": change.after,
        "NewStateReason": change.reason,
        "StateChangeTime": _time(change.at),
    }


def _detail(alarm: Alarm, change: StateChange, before: str) -> dict[str, Any]:
    return {
        "alarmName": alarm.name,
        "state": {"value": change.after, "reason": change.reason, "timestamp": _time(change.at)},
        "previousState": {"value": change.before, "reason": before},
        "configuration": _configuration(alarm),
    }


def _configuration(alarm: Alarm) -> dict[str, Any]:
    described = {"description": alarm.description} if alarm.description else {}
    if alarm.rule is not None:
        return {**described, "alarmRule": str(alarm.rule)}
    if alarm.metric_data_queries:
        return {**described, "metrics": [{"id": each.id} for each in alarm.metric_data_queries]}
    metric = {
        "namespace": alarm.namespace,
        "name": alarm.metric_name,
        "dimensions": {str(each.name): str(each.value) for each in alarm.dimensions},
    }
    stat = {
        "metric": metric,
        "period": int(alarm.period),
        "stat": alarm.extended_statistic or alarm.statistic,
    }
    return {**described, "metrics": [{"id": "m1", "metricStat": stat, "returnData": True}]}


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
