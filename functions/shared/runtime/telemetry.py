"""Structured logs and metrics of a function, by Powertools."""

import os
from functools import cache
from typing import TYPE_CHECKING

import msgspec
from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit, single_metric

from functions.shared.contracts.domain_contracts import domain_contracts
from functions.shared.contracts.log_sample import sample_position

if TYPE_CHECKING:
    from aws_lambda_powertools.logging.types import LogRecord

NAMED_BY_THE_LOG_GROUP = frozenset({"function_name", "function_memory_size", "function_arn"})
"""Fields that Powertools repeats in each line: a third of a line, the same in a whole log group."""


class ShortFormatter(LambdaPowertoolsFormatter):
    """Powertools' lines without what the log group says already.

    https://docs.aws.amazon.com/powertools/python/latest/core/logger/#bring-your-own-formatter
    """

    def serialize(self, log: "LogRecord") -> str:
        """Return the line."""
        return super().serialize(
            {name: value for name, value in log.items() if name not in NAMED_BY_THE_LOG_GROUP}
        )


class Telemetry(msgspec.Struct, frozen=True):
    """One function's logger and metrics."""

    logger: Logger
    metrics: EphemeralMetrics
    success_rate: float = 0
    """The share of orders whose successes are logged; failures are always logged."""
    sample_salt: str = ""
    """A salt that clients do not know: they choose the ids of their requests, but not what is logged."""

    def logs_successes_of(self, correlation_id: str) -> bool:
        """Return whether successes with that correlation id are logged; all functions of a stage agree."""
        return sample_position(correlation_id, salt=self.sample_salt) < self.success_rate

    def count(self, metric: str, value: int = 1) -> None:
        """Add to a count; its name holds no ids, as each name costs."""
        self.metrics.add_metric(name=metric, unit=MetricUnit.Count, value=value)

    def count_of_version(self, metric: str) -> None:
        """Count for the canary's alarms, which watch one version; only a stage with canaries has them.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (the version)
        """
        if os.environ.get("CANARY"):
            self.count_by(metric, version=os.environ["AWS_LAMBDA_FUNCTION_VERSION"])

    def count_by(self, metric: str, value: int = 1, **dimensions: str) -> None:
        """Add to a count with dimensions; CloudWatch bills each combination, so keep their number small."""
        with single_metric(
            name=metric,
            unit=MetricUnit.Count,
            value=value,
            namespace=self.metrics.namespace,
            default_dimensions={"service": str(self.metrics.service), **dimensions},
        ):
            """Powertools writes the metric when the block ends."""


@cache
def telemetry_of(service: str) -> Telemetry:
    """Return the telemetry of a service; the deployment names a metrics namespace for each stage.

    The domain's contracts are loaded here, as a function is initialised.
    """
    domain = domain_contracts()
    return Telemetry(
        logger=Logger(service=service, logger_formatter=ShortFormatter()),
        metrics=EphemeralMetrics(
            namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", domain.name), service=service
        ),
        success_rate=float(os.environ.get("SUCCESS_LOG_RATE", "0")),
        sample_salt=os.environ.get("SUCCESS_LOG_SALT", ""),
    )
