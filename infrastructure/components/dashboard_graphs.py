"""Graphs of dashboards, by what they are about."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

HALF = 12
"""Of the 24 columns of a dashboard."""
FIVE_MINUTES = Duration.minutes(5)


def graph(title: str, *series: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    """A graph half as wide as the dashboard."""
    return cloudwatch.GraphWidget(title=title, left=list(series), width=HALF)


def of_queue(queue_name: str, metric: str) -> cloudwatch.Metric:
    """What SQS measures of a queue, at its worst."""
    return _aws("AWS/SQS", metric, "Maximum", QueueName=queue_name)


def of_functions(names: Sequence[str], metric: str, statistic: str = "Sum") -> list[cloudwatch.Metric]:
    """What Lambda measures of each of these functions."""
    return [_aws("AWS/Lambda", metric, statistic, FunctionName=name) for name in names]


def of_tables(names: Sequence[str], *metrics: str) -> list[cloudwatch.Metric]:
    """What DynamoDB measures of each of these tables."""
    return [_aws("AWS/DynamoDB", metric, "Sum", TableName=name) for name in names for metric in metrics]


def every(
    namespace: str, metric: str, *, by: str | None = None, service: str | None = None, statistic: str = "Sum"
) -> cloudwatch.MathExpression:
    """All series of a metric of ours: by service, or by one dimension more; those of one service, or of all.

    Found by CloudWatch when the dashboard is looked at, so that one that is new is there.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
    """
    dimensions = ",".join(filter(None, (namespace, "service", by)))
    wanted = f'MetricName="{metric}"' + (f' service="{service}"' if service else "")
    return cloudwatch.MathExpression(
        expression=f"SEARCH('{{{dimensions}}} {wanted}', '{statistic}', {FIVE_MINUTES.to_seconds()})",
        using_metrics={},
        label="",
        period=FIVE_MINUTES,
    )


def _aws(namespace: str, metric: str, statistic: str, **dimensions: str) -> cloudwatch.Metric:
    (name,) = dimensions.values()
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=metric,
        dimensions_map=dimensions,
        statistic=statistic,
        label=f"{name} {metric}",
        period=FIVE_MINUTES,
    )
