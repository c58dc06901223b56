"""The row of OTLP in the setting `bridges`: where sampled traces go. No CDK."""

import re
from typing import Annotated

from msgspec import Meta

from infrastructure.bridge_settings import LOCAL, Bridge
from infrastructure.services import Topology

CollectorUrl = Annotated[
    str, Meta(pattern=rf"^(https://[a-z0-9.-]{{1,253}}(:[0-9]{{1,5}})?(/[A-Za-z0-9/._-]*)?|{LOCAL})$")
]
"""The address of a collector, without `/v1/traces`; without TLS only on this machine."""
_CLOUDWATCH = re.compile(r"https://xray\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/?")


class OtlpExport(Bridge, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A collector of OpenTelemetry, or CloudWatch, that gets the spans of sampled traces."""

    endpoint: CollectorUrl
    ratio: Annotated[float, Meta(gt=0, le=1)]
    """The share of orders whose traces are sent."""
    headers_secret: bool = False
    """Whether the collector needs headers, such as a vendor's key, that a person puts in a secret."""

    @property
    def needs_stream(self) -> bool:
        """Whether it sends from the ordered stream."""
        return True

    @property
    def signing(self) -> str | None:
        """`signed` if the endpoint is CloudWatch's, which needs a signature of the function's role."""
        return "signed" if _CLOUDWATCH.fullmatch(self.endpoint) else None

    def check(self, name: str, topology: Topology) -> None:
        """Raise ValueError for a choice of facts, too: a trace has all of an order's."""
        super().check(name, topology)
        if self.facts is not None:
            raise ValueError(f"bridges.{name} sends whole traces: remove facts")
