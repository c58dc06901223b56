"""What a stage's functions count themselves, as an alarm watches it."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from infrastructure.stage import Stage

MINUTE = Duration.minutes(1)


def own_metric(
    stage: Stage, name: str, *, service: str, statistic: str = "Sum", period: Duration = MINUTE
) -> cloudwatch.Metric:
    """The metric of that name in the stage's own namespace, of one function's `service`."""
    return cloudwatch.Metric(
        namespace=stage.names.metrics,
        metric_name=name,
        dimensions_map={"service": service},
        period=period,
        statistic=statistic,
    )
