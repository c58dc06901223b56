"""The edge in front of the HTTP API."""

from aws_cdk import Stack
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.edge_distribution import EdgeDistribution
from infrastructure.protection_settings import EdgeSettings


class EdgeStack(Stack):
    """The distribution alone: its web ACL and certificates belong to who protects the account."""

    def __init__(self, scope: Construct, *, stage: Stage, edge: EdgeSettings, origin: str) -> None:
        super().__init__(
            scope,
            stage.names.stack("edge"),
            description=f"{stage.application.title}: CloudFront and a web ACL in front of the HTTP API.",
            tags=stage.tags,
            termination_protection=stage.settings.production,
        )
        EdgeDistribution(self, "Edge", edge=edge, origin=origin)
