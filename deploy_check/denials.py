"""What the functions were denied, by their own logs."""

from deploy_check.deployment import Deployment

DENIED = ("AccessDenied", '"error_class":"ClientError"')
"""Our functions log an error's class, never its text; boto3 has no class of its own for a refusal by IAM."""


def denials(check: Deployment, function: str | None = None) -> list[str]:
    """The log lines of all functions, or of one, that tell of a request that IAM refused."""
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
    return [line for line in lines if any(words in line for words in DENIED)]
