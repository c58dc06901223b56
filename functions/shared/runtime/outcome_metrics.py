"""The outcomes of a batch's messages, as one line of metrics for each type of fact.

Each count has two sets of dimensions: the service, for its alarms, and the service and the fact. CloudWatch
bills each metric by the month, so only facts that the service reacts to have names; all others are `other`.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

OTHER = "other"
"""The name of every fact that the service does not react to, or whose name is unreadable."""


class MessageOutcome(StrEnum):
    """The outcome of a message."""

    HANDLED = "Handled"
    DUPLICATE = "Duplicate"
    """The reaction to its event has run before."""
    IGNORED = "Ignored"
    RETRIED = "Retried"
    DEAD_LETTERED = "DeadLettered"


class OutcomeMetrics:
    """The metrics of one invocation."""

    def __init__(self, own: EphemeralMetrics, facts: Iterable[str]) -> None:
        """Count for the function with the metrics `own`, which reacts to these facts."""
        self._own = own
        self._facts = frozenset(facts)
        self._by_fact: dict[str, EphemeralMetrics] = {}

    def count(self, outcome: MessageOutcome, fact: str) -> None:
        """Count one message of that fact."""
        name = fact if fact in self._facts else OTHER
        if name not in self._by_fact:
            self._by_fact[name] = self._metrics_of(name)
        self._by_fact[name].add_metric(name=outcome, unit=MetricUnit.Count, value=1)

    def measure_age(self, milliseconds: float) -> None:
        """Record the age of an event that was handled."""
        self._own.add_metric(name="EventAge", unit=MetricUnit.Milliseconds, value=milliseconds)

    @contextmanager
    def flushed(self) -> Iterator[None]:
        """Print all metrics at the end of the block, even if it raises, in as few lines as possible."""
        try:
            yield
        finally:
            documents: list[dict[str, Any]] = [
                {**metrics.serialize_metric_set()} for metrics in self._by_fact.values()
            ]
            if self._own.metric_set:
                _add({**self._own.serialize_metric_set()}, documents)
            self._by_fact.clear()
            self._own.clear_metrics()
            for document in documents:
                line = json.dumps(document, separators=(",", ":"))
                print(line)  # noqa: T201 - as Powertools does: Lambda's log is standard output

    def _metrics_of(self, fact: str) -> EphemeralMetrics:
        metrics = EphemeralMetrics(namespace=self._own.namespace, service=self._own.service)
        metrics.add_dimensions(service=str(self._own.service), fact=fact)
        return metrics


def _add(own: dict[str, Any], documents: list[dict[str, Any]]) -> None:
    """Merge the function's own metrics into the first line; add a line if there is none.

    A line of their own would cost log bytes in every invocation, and Powertools writes one set of dimensions
    in each document.
    """
    if not documents:
        documents.append(own)
        return
    documents[0]["_aws"]["CloudWatchMetrics"] += own["_aws"]["CloudWatchMetrics"]
    documents[0] = {**own, **documents[0]}
