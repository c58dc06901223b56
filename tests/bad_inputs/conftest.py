"""The account and the shop of the unit tests, and the offline cloud of the workflow tests."""

from tests.unit.functions.conftest import (
    aws,
    catalogue,
    environment,
    moto,
    now,
    output,
    telemetry_output,
)
from tests.workflow.conftest import deployed, shop

__all__ = ["aws", "catalogue", "deployed", "environment", "moto", "now", "output", "shop", "telemetry_output"]
