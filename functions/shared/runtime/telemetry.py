"""What a function says about itself: structured logs, metrics and traces, by Powertools."""

import os
from functools import cache

import msgspec
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit, single_metric

ANY_STAGE = "Orderbus"
"""The namespace where no deployment says which; it says one for each stage, so that alarms hear their own."""


class Telemetry(msgspec.Struct, frozen=True):
    """One function's logger, metrics and tracer."""

    logger: Logger
    metrics: EphemeralMetrics
    tracer: Tracer
    success_rate: float = 0
    """The share of traces whose successes are logged; failures always are."""

    def logs_successes_of(self, trace_id: str) -> bool:
        """Whether what goes well in that trace is logged: by its id, so that all functions agree.

        As OpenTelemetry samples: https://opentelemetry.io/docs/specs/otel/trace/sdk/#traceidratiobased
        """
        return int(trace_id[16:], 16) < self.success_rate * 2**64

    def count(self, metric: str, value: int = 1) -> None:
        """One more of something; the dimensions stay bounded, so no ids here."""
        self.metrics.add_metric(name=metric, unit=MetricUnit.Count, value=value)

    def count_by(self, metric: str, value: int = 1, **dimensions: str) -> None:
        """More of something of a kind; CloudWatch bills every kind, so that their number is bounded."""
        with single_metric(
            name=metric,
            unit=MetricUnit.Count,
            value=value,
            namespace=self.metrics.namespace,
            default_dimensions={"service": str(self.metrics.service), **dimensions},
        ):
            """Written as the block is left."""


@cache
def telemetry_of(service: str) -> Telemetry:
    """The telemetry of a service.

    The tracer patches nothing: auto-patching imports every library it knows (120 ms at each cold start).
    """
    return Telemetry(
        logger=Logger(service=service),
        metrics=EphemeralMetrics(
            namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", ANY_STAGE), service=service
        ),
        tracer=Tracer(service=service, auto_patch=False),
        success_rate=float(os.environ.get("SUCCESS_LOG_RATE", "0")),
    )
