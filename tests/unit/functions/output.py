"""The output of a function: log lines and metrics."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest


class StandardOutput:
    """Write to the current standard output; pytest changes it for each test."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@dataclass
class Output:
    """All that was printed in the test so far."""

    capture: pytest.CaptureFixture[str]
    text: str = field(default="", init=False)

    def everything(self) -> str:
        captured = self.capture.readouterr()
        self.text += captured.out + captured.err
        return self.text

    def metrics(self) -> dict[str, float]:
        """The sum of each metric that counts (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html)."""
        sums: Counter[str] = Counter()
        for document in self._documents():
            for directive in document.get("_aws", {}).get("CloudWatchMetrics", []):
                for metric in directive["Metrics"]:
                    if metric["Unit"] == "Count":
                        sums[metric["Name"]] += sum(document[metric["Name"]])
        return dict(sums)

    def counted_by(self, metric: str, dimension: str) -> dict[str, float]:
        """The sum of one metric for each value of a dimension."""
        sums: Counter[str] = Counter()
        for document in self._documents():
            if metric in document and dimension in document:
                sums[document[dimension]] += sum(document[metric])
        return dict(sums)

    def values_of(self, metric: str) -> list[float]:
        """Return every value of one metric, of any unit."""
        return [value for document in self._documents() for value in document.get(metric, [])]

    def forget(self) -> None:
        """Discard the output so far."""
        self.everything()
        self.text = ""

    def logs(self) -> list[dict[str, Any]]:
        """The lines of the function's own logger."""
        return [document for document in self._documents() if "level" in document]

    def _documents(self) -> Iterator[dict[str, Any]]:
        for line in self.everything().splitlines():
            yield json.loads(line)
