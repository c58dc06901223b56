"""Graphs of dashboards."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

HALF_WIDTH = 12
"""Width of a graph in a dashboard's 24 columns."""
FIVE_MINUTES = Duration.minutes(5)


def graph(title: str, *series: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    """A graph half as wide as the dashboard."""
    return cloudwatch.GraphWidget(title=title, left=list(series), width=HALF_WIDTH)


def queue_metric(queue_name: str, metric: str) -> cloudwatch.Metric:
    """SQS's metric of a queue, at its maximum."""
    return _aws("AWS/SQS", metric, "Maximum", QueueName=queue_name)


def function_metrics(names: Sequence[str], metric: str, statistic: str = "Sum") -> list[cloudwatch.Metric]:
    """Lambda's metric of each function."""
    return [_aws("AWS/Lambda", metric, statistic, FunctionName=name) for name in names]


def table_metrics(names: Sequence[str], *metrics: str) -> list[cloudwatch.Metric]:
    """DynamoDB's metrics of each table."""
    return [_aws("AWS/DynamoDB", metric, "Sum", TableName=name) for name in names for metric in metrics]


def rule_metrics(bus: str, rule: str, *metrics: str) -> list[cloudwatch.Metric]:
    """EventBridge's metrics of a rule."""
    return [
        cloudwatch.Metric(
            namespace="AWS/Events",
            metric_name=metric,
            dimensions_map={"EventBusName": bus, "RuleName": rule},
            statistic="Sum",
            label=metric,
            period=FIVE_MINUTES,
        )
        for metric in metrics
    ]


def counted(
    namespace: str, metric: str, *, by: str | None = None, service: str | None = None, statistic: str = "Sum"
) -> cloudwatch.MathExpression:
    """All series of a metric that functions count: by service or one more dimension, of one service or all.

    CloudWatch searches when a person opens the dashboard, and so finds new series.
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
