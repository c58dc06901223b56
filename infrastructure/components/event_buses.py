"""The two buses and who may put events on them."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Aws
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.removal import kept_once_made
from infrastructure.stage import IngressAccount, Stage

SOURCE = "events:source"
"""A list in the context of a request, which may carry events of several sources."""


class IngressBus(Construct):
    """The bus for outside producers, which refuses every source the stage does not name.

    A Deny, as an identity's own Allow suffices within one account; `ForAnyValue`, as one request may carry
    several sources and a single stranger condemns it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.bus = events.EventBus(self, "Resource", event_bus_name=stage.names.ingress_bus)
        self._refuse(
            "RefuseUnknownSources",
            {"ForAnyValue:StringNotEquals": {SOURCE: list(stage.all_ingress_sources)}},
        )
        if stage.ingress_accounts:
            # What is named for others is theirs: here too nobody may pass for them.
            self._refuse(
                "RefuseSourcesOfOtherAccounts",
                {
                    "ForAnyValue:StringNotEquals": {SOURCE: list(stage.ingress_sources)},
                    "StringEquals": {"aws:PrincipalAccount": Aws.ACCOUNT_ID},
                },
            )
        for entry in stage.ingress_accounts:
            self._admit(entry)

    def _refuse(self, sid: str, conditions: Mapping[str, Any]) -> None:
        self.bus.add_to_resource_policy(
            iam.PolicyStatement(
                sid=sid,
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["events:PutEvents"],
                resources=[self.bus.event_bus_arn],
                conditions=conditions,
            )
        )

    def _admit(self, entry: IngressAccount) -> None:
        self.bus.add_to_resource_policy(
            iam.PolicyStatement(
                sid=f"Admit{entry.account}",
                principals=[iam.AccountPrincipal(entry.account)],
                actions=["events:PutEvents"],
                resources=[self.bus.event_bus_arn],
                # `ForAllValues` alone holds for a request that names no source at all.
                # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
                conditions={
                    "ForAllValues:StringEquals": {SOURCE: list(entry.sources)},
                    "Null": {SOURCE: "false"},
                },
            )
        )


class OrderBus(Construct):
    """The bus of facts, with an archive of all of them."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.bus = events.EventBus(self, "Resource", event_bus_name=stage.names.order_bus)
        # The level-one archive, without a pattern: everything. The level-two one insists on a pattern.
        archive = events.CfnArchive(
            self,
            "Archive",
            archive_name=stage.names.order_archive,
            source_arn=self.bus.event_bus_arn,
            retention_days=stage.archive_retention_days,
        )
        archive.apply_removal_policy(kept_once_made(stage))

    def admit_only(self, publisher: iam.Role) -> None:
        """Refuse events from anybody but the publisher, whatever their own policies allow them.

        An AWS service that acts in its own name, as EventBridge might with a replay, has no ARN, and a key
        that is absent meets a negated operator: it is left out of the Deny, and admitted by nothing here.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalisawsservice
        """
        self.bus.add_to_resource_policy(
            iam.PolicyStatement(
                sid="RefuseAllButTheRelay",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["events:PutEvents"],
                resources=[self.bus.event_bus_arn],
                conditions={
                    "StringNotEquals": {"aws:PrincipalArn": publisher.role_arn},
                    "Bool": {"aws:PrincipalIsAWSService": "false"},
                },
            )
        )
