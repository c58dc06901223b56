"""The two buses and their publishers."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Aws
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.key_reference import key_arn
from infrastructure.removal import kept_once_made
from infrastructure.settings import IngressAccount

SOURCE = "events:source"
"""A list in the context of a request, which may have events of several sources."""


class IngressBus(Construct):
    """The bus for outside producers; it rejects every source that the stage does not name.

    A Deny, because an identity's own Allow suffices within one account. `ForAnyValue`, because one request
    may have several sources: a single unknown one rejects it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.bus = events.EventBus(self, "Resource", event_bus_name=stage.names.ingress_bus)
        own = stage.own_ingress_sources
        self._refuse(
            "RefuseUnknownSources",
            {"ForAnyValue:StringNotEquals": {SOURCE: [*stage.settings.all_ingress_sources, *own]}},
        )
        if stage.settings.ingress_accounts:
            # The sources of other accounts are theirs: this account may not use them.
            self._refuse(
                "RefuseSourcesOfOtherAccounts",
                {
                    "ForAnyValue:StringNotEquals": {SOURCE: [*stage.settings.ingress_sources, *own]},
                    "StringEquals": {"aws:PrincipalAccount": Aws.ACCOUNT_ID},
                },
            )
        for entry in stage.settings.ingress_accounts:
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


class EventBus(Construct):
    """The bus of facts, with an archive of all of them."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.bus = events.EventBus(self, "Resource", event_bus_name=stage.names.event_bus)
        # The level-one archive, without a pattern: everything. The level-two one requires a pattern.
        archive = events.CfnArchive(
            self,
            "Archive",
            archive_name=stage.names.event_archive,
            source_arn=self.bus.event_bus_arn,
            retention_days=stage.settings.archive_retention_days,
            # Not the bus: an event that it cannot decrypt is dead-lettered as ciphertext.
            kms_key_identifier=key_arn(stage),
        )
        archive.apply_removal_policy(kept_once_made(stage))

    def admit_only(self, publisher: iam.Role) -> None:
        """Reject events of every other principal, even if its own policies allow them.

        An AWS service that acts in its own name, as EventBridge might with a replay, has no ARN, and an
        absent key matches a negated operator. The Deny excludes such a service; nothing here allows it.
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
