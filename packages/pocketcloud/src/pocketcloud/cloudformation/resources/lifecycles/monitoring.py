"""Changes and deletion of alarms, dashboards and settings of logs, which are put again by name."""

from pocketcloud.cloudformation.resources import observability
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest


def _retain_logs(_: Existing, request: CreateRequest) -> Created:
    return observability.retain_logs(request)


def _keep_logs(_: Existing) -> None:
    """Delete nothing: the group belongs to its function."""


def _put_alarm(_: Existing, request: CreateRequest) -> Created:
    return observability.create_alarm(request)


def _put_composite_alarm(_: Existing, request: CreateRequest) -> Created:
    return observability.create_composite_alarm(request)


def _delete_alarm(existing: Existing) -> None:
    existing.client("cloudwatch").delete_alarms(AlarmNames=[existing.physical_id])


def _put_dashboard(_: Existing, request: CreateRequest) -> Created:
    return observability.create_dashboard(request)


def _delete_dashboard(existing: Existing) -> None:
    existing.client("cloudwatch").delete_dashboards(DashboardNames=[existing.physical_id])


def _put_log_policy(_: Existing, request: CreateRequest) -> Created:
    return observability.put_log_policy(request)


def _delete_log_policy(existing: Existing) -> None:
    existing.client("logs").delete_resource_policy(policyName=existing.physical_id)


_NAMED = frozenset({"AlarmName"})
LIFECYCLES = {
    "AWS::Logs::ResourcePolicy": Lifecycle(
        update=_put_log_policy,
        delete=_delete_log_policy,
        replaces=frozenset({"PolicyName"}),
        custom_name="PolicyName",
    ),
    "Custom::LogRetention": Lifecycle(
        update=_retain_logs, delete=_keep_logs, replaces=frozenset({"LogGroupName"})
    ),
    "AWS::CloudWatch::Alarm": Lifecycle(
        update=_put_alarm, delete=_delete_alarm, replaces=_NAMED, custom_name="AlarmName"
    ),
    "AWS::CloudWatch::CompositeAlarm": Lifecycle(
        update=_put_composite_alarm, delete=_delete_alarm, replaces=_NAMED, custom_name="AlarmName"
    ),
    "AWS::CloudWatch::Dashboard": Lifecycle(
        update=_put_dashboard,
        delete=_delete_dashboard,
        replaces=frozenset({"DashboardName"}),
        custom_name="DashboardName",
    ),
}
