"""The two buses and who may put events on them."""

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.stage import Stage


class IngressBus(Construct):
    """The bus for outside producers, which refuses every source the stage does not name.

    A Deny, as an identity's own Allow suffices within one account; `ForAnyValue`, as one request may carry
    several sources and a single stranger condemns it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.bus = events.EventBus(self, "Resource", event_bus_name=stage.names.ingress_bus)
        self.bus.add_to_resource_policy(
            iam.PolicyStatement(
                sid="RefuseUnknownSources",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["events:PutEvents"],
                resources=[self.bus.event_bus_arn],
                conditions={"ForAnyValue:StringNotEquals": {"events:source": list(stage.ingress_sources)}},
            )
        )


class OrderBus(Construct):
    """The bus of facts, with an archive of all of them."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.bus = events.EventBus(self, "Resource", event_bus_name=stage.names.order_bus)
        # The level-one archive, without a pattern: everything. The level-two one insists on a pattern.
        events.CfnArchive(
            self,
            "Archive",
            archive_name=stage.names.order_archive,
            source_arn=self.bus.event_bus_arn,
            retention_days=stage.archive_retention_days,
        )

    def admit_only(self, publisher: iam.Role) -> None:
        """Refuse events from anybody but the publisher, whatever their own policies allow them."""
        self.bus.add_to_resource_policy(
            iam.PolicyStatement(
                sid="RefuseAllButTheRelay",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["events:PutEvents"],
                resources=[self.bus.event_bus_arn],
                conditions={"StringNotEquals": {"aws:PrincipalArn": publisher.role_arn}},
            )
        )
