"""What a person needs to put things right by `orderbus`, besides what an observer has."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure import deployed, topology
from infrastructure.arns import alias_arn, archive_arn, bus_arn, queue_arn, replays_arn, table_arn, topic_arn
from infrastructure.components.event_buses import SOURCE
from infrastructure.stage import Stage
from infrastructure.statements import allow

VIEWS = "views"
"""The service whose tables are made anew from the log."""


class OperatorPolicies(Construct):
    """Let whoever has both, and the observer's, type every command; never put an event on the order bus."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        everything, dead_letters = stage.names.operator_policies
        iam.ManagedPolicy(
            self,
            "Resource",
            managed_policy_name=everything,
            # To change it would replace the policy, which its name forbids.
            description="Orderbus: replays, stock and views of a stage; goes with the observers'.",
            statements=[*self._history(), *self._replays(), *self._stock(), *self._views()],
        )
        iam.ManagedPolicy(
            self,
            "DeadLetters",
            managed_policy_name=dead_letters,
            description="Orderbus: puts dead letters of a stage back or away; goes with the operator's.",
            statements=self._dead_letters(),
        )

    def _history(self) -> list[iam.PolicyStatement]:
        """Events again, to one consumer or by the relay to all, and who did that."""
        names = self._stage.names
        queues = [queue_arn(self, name) for name in deployed.consumer_queues(names)]
        return [
            allow("WriteTheAuditTrail", ["dynamodb:PutItem"], [table_arn(self, names.audit)]),
            allow("SendToConsumers", ["sqs:SendMessage"], queues),
            allow("AskTheRelay", ["lambda:InvokeFunction"], [alias_arn(self, names.relay)]),
        ]

    def _dead_letters(self) -> list[iam.PolicyStatement]:
        stage = self._stage
        queues = [queue_arn(self, name) for name in deployed.dead_letter_queues(stage)]
        topics = [
            topic_arn(self, stage.names.topic(fact.name))
            for fact in topology.FACTS
            if not topology.from_outside(fact)
        ]
        buses = [forward.event_bus_arn for forward in stage.forward]
        return [
            allow("TakeOutDeadLetters", ["sqs:DeleteMessage"], queues),
            allow("FanOutAgain", ["sns:Publish"], topics),
            *([allow("ForwardAgain", ["events:PutEvents"], buses)] if buses else []),
        ]

    def _replays(self) -> list[iam.PolicyStatement]:
        """A replay asks for its archive, its bus and itself; that is no PutEvents.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
        """
        names = self._stage.names
        replays = [replays_arn(self, names.replays(service)) for service in deployed.hearers_of_replays()]
        whence = [archive_arn(self, names.order_archive), bus_arn(self, names.order_bus)]
        return [
            allow("StartReplays", ["events:StartReplay"], whence),
            allow("WatchReplays", ["events:StartReplay", "events:DescribeReplay"], replays),
        ]

    def _stock(self) -> list[iam.PolicyStatement]:
        names = self._stage.names
        return [
            allow(
                "SpeakForOutsiders",
                ["events:PutEvents"],
                [bus_arn(self, names.ingress_bus)],
                # `ForAllValues` alone holds for a request that names no source at all.
                {
                    "ForAllValues:StringEquals": {SOURCE: list(topology.OUTSIDERS)},
                    "Null": {SOURCE: "false"},
                },
            ),
            allow(
                "SetReorderLevels",
                ["dynamodb:UpdateItem"],
                [table_arn(self, names.table("inventory", "stock"))],
                # Of an article's row its reorder level and nothing else: not how many are for sale.
                # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
                {
                    "ForAllValues:StringEquals": {"dynamodb:Attributes": ["sku", "reorder_level"]},
                    "Null": {"dynamodb:Attributes": "false"},
                    "StringEqualsIfExists": {"dynamodb:ReturnValues": "NONE"},
                },
            ),
        ]

    def _views(self) -> list[iam.PolicyStatement]:
        """To empty the read model, and to write it as its service does."""
        views = next(service for service in topology.SERVICES if service.name == VIEWS)
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
