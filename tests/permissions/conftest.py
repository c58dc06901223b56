"""The shared offline cloud, and a shop on it, as for the workflow tests."""

from tests.workflow.conftest import deployed, shop

__all__ = ["deployed", "shop"]
