"""The policies of a person who changes a stage with `orderbus`, besides an observer's."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure import stage_resources
from infrastructure.access.statements import allow
from infrastructure.application import Stage
from infrastructure.arns import alias_arn, archive_arn, bus_arn, queue_arn, replays_arn, table_arn, topic_arn
from infrastructure.components.event_buses import SOURCE
from infrastructure.topology import OUTSIDERS

VIEWS = "views"
"""The service whose tables can be rebuilt from the event log."""


class OperatorPolicies(Construct):
    """Allow every command to a person who also has the observer's; none may put an event on the event bus."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        everything, dead_lettered = stage.names.operator_policies
        iam.ManagedPolicy(
            self,
            "Resource",
            managed_policy_name=everything,
            # A change would replace the policy, and its name does not allow that.
            description="Orderbus: replays, stock and views of a stage; goes with the observers'.",
            statements=[*self._republication(), *self._replays(), *self._stock(), *self._views()],
        )
        iam.ManagedPolicy(
            self,
            "DeadLetters",
            managed_policy_name=dead_lettered,
            description="Orderbus: redrives or purges dead-lettered messages; goes with the operator's.",
            statements=self._dead_lettered_messages(),
        )

    def _republication(self) -> list[iam.PolicyStatement]:
        """Allow events again, to one consumer or by the relay to all, and the record of it."""
        names = self._stage.names
        queues = [queue_arn(self, name) for name in stage_resources.consumer_queues(self._stage)]
        return [
            allow("WriteTheAuditTrail", ["dynamodb:PutItem"], [table_arn(self, names.audit)]),
            allow("SendToConsumers", ["sqs:SendMessage"], queues),
            allow("AskTheRelay", ["lambda:InvokeFunction"], [alias_arn(self, names.relay)]),
        ]

    def _dead_lettered_messages(self) -> list[iam.PolicyStatement]:
        stage = self._stage
        queues = [queue_arn(self, name) for name in stage_resources.dead_letter_queues(stage)]
        topics = [topic_arn(self, stage.names.topic(fact.name)) for fact in stage.topology.own_facts]
        buses = [forward.event_bus_arn for forward in stage.settings.forward]
        return [
            allow("TakeOutDeadLetters", ["sqs:DeleteMessage"], queues),
            allow("FanOutAgain", ["sns:Publish"], topics),
            *([allow("ForwardAgain", ["events:PutEvents"], buses)] if buses else []),
        ]

    def _replays(self) -> list[iam.PolicyStatement]:
        """Allow a replay on its archive, its bus and itself; it needs no PutEvents.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
        """
        names = self._stage.names
        services = self._stage.topology.replayable
        replays = [replays_arn(self, names.replays(service)) for service in services]
        sources = [archive_arn(self, names.event_archive), bus_arn(self, names.event_bus)]
        return [
            allow("StartReplays", ["events:StartReplay"], sources),
            allow("WatchReplays", ["events:StartReplay", "events:DescribeReplay"], replays),
        ]

    def _stock(self) -> list[iam.PolicyStatement]:
        names = self._stage.names
        return [
            allow(
                "SpeakForOutsiders",
                ["events:PutEvents"],
                [bus_arn(self, names.ingress_bus)],
                # `ForAllValues` alone is true for a request that names no source.
                {
                    "ForAllValues:StringEquals": {SOURCE: list(OUTSIDERS)},
                    "Null": {SOURCE: "false"},
                },
            ),
            allow(
                "SetReorderLevels",
                ["dynamodb:UpdateItem"],
                [table_arn(self, names.table("inventory", "stock"))],
                # The reorder level alone: not the stock.
                # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
                {
                    "ForAllValues:StringEquals": {"dynamodb:Attributes": ["sku", "reorder_level"]},
                    "Null": {"dynamodb:Attributes": "false"},
                    "StringEqualsIfExists": {"dynamodb:ReturnValues": "NONE"},
                },
            ),
        ]

    def _views(self) -> list[iam.PolicyStatement]:
        """Allow to empty the read model, and to write it as its service does."""
        views = next(service for service in self._stage.topology.services if service.name == VIEWS)
        return [
            allow(
                f"Rebuild{table.name.title()}",
                [
                    f"dynamodb:{action}"
                    for action in sorted({"Scan", "BatchWriteItem", *views.consumer.uses[table.name]})
                ],
                [table_arn(self, self._stage.names.table(VIEWS, table.name))],
            )
            for table in views.tables
        ]
