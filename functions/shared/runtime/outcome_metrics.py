"""What became of a batch's events, by fact: one line of metrics for each type of fact among them.

Each count stands under the service alone, for its alarms, and under service and fact. A metric costs by the
month, so that only facts the service reacts to have a name here, and all else is one.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

OTHER = "other"
"""The name of every fact that the service does not react to, or that cannot be told."""


class MessageOutcome(StrEnum):
    """What became of a message."""

    HANDLED = "Handled"
    DUPLICATE = "Duplicate"
    """Its event is known to have had its reaction before."""
    IGNORED = "Ignored"
    RETRIED = "Retried"
    PARKED = "Parked"


class OutcomeMetrics:
    """The counts of one invocation."""

    def __init__(self, own: EphemeralMetrics, facts: Iterable[str]) -> None:
        """Of the function that measures itself with `own`, and reacts to these facts."""
        self._own = own
        self._facts = frozenset(facts)
        self._by_fact: dict[str, EphemeralMetrics] = {}

    def count(self, end: MessageOutcome, fact: str) -> None:
        """One more message of that fact that came to this end."""
        name = fact if fact in self._facts else OTHER
        if name not in self._by_fact:
            self._by_fact[name] = self._metrics_of(name)
        self._by_fact[name].add_metric(name=end, unit=MetricUnit.Count, value=1)

    def measure_age(self, milliseconds: float) -> None:
        """How long ago the fact was stated that has just been handled."""
        self._own.add_metric(name="EventAge", unit=MetricUnit.Milliseconds, value=milliseconds)

    @contextmanager
    def published(self) -> Iterator[None]:
        """Publish all that is measured while open, whatever comes of it, in as few lines as can be."""
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
    """What the function measures under its own name alone, in the first line if there is one."""
    if not documents:
        documents.append(own)
        return
    documents[0]["_aws"]["CloudWatchMetrics"] += own["_aws"]["CloudWatchMetrics"]
    documents[0] = {**own, **documents[0]}
