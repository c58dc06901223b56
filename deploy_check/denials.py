"""Requests of functions that IAM denied, by their logs."""

from deploy_check.deployment import Deployment

DENIED = ("AccessDenied", '"error_class":"ClientError"')
"""Our functions log an error's class, never its text; boto3 has no class for a denial by IAM."""


def denials(check: Deployment, function: str | None = None) -> list[str]:
    """Return the log lines about denied requests, of one function or all."""
    logs = check.endpoint.client("logs")
    prefix = f"/aws/lambda/{function or check.names.prefix}"
    groups = logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    names = [group["logGroupName"] for group in groups if function in {None, group["logGroupName"][12:]}]
    lines = [
        event["message"]
        for name in names
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name)
        for event in page["events"]
    ]
    return [line for line in lines if any(message in line for message in DENIED)]
