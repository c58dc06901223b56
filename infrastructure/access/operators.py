"""The policies of a person who changes a stage of an application, besides an observer's."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure import stage_resources
from infrastructure.access.statements import allow, on_table
from infrastructure.application import Stage
from infrastructure.arns import alias_arn, archive_arn, bus_arn, queue_arn, replays_arn, table_arn, topic_arn
from infrastructure.components.event_buses import SOURCE
from infrastructure.components.key_uses import with_key
from infrastructure.services import Service
from infrastructure.triggers import EventStream

REBUILD_FIGURES = (
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
)


class OperatorPolicies(Construct):
    """Allow every command to a person who also has the observer's; none may put an event on the event bus."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        title, people = stage.application.title, stage.application.people
        everything, dead_lettered = stage.names.operator_policies
        iam.ManagedPolicy(
            self,
            "Resource",
            managed_policy_name=everything,
            # A change would replace the policy, and its name does not allow that.
            description=f"{title}: {people.operates} of a stage; goes with the observers'.",
            statements=with_key(
                self,
                stage,
                [*self._republication(), *self._replays(), *self._inputs(), *self._read_model()],
            ),
        )
        iam.ManagedPolicy(
            self,
            "DeadLetters",
            managed_policy_name=dead_lettered,
            description=f"{title}: redrives or purges dead-lettered messages; goes with the operator's.",
            statements=with_key(self, stage, self._dead_lettered_messages()),
        )

    def _republication(self) -> list[iam.PolicyStatement]:
        """Allow events again, to one consumer or by the relay to all, and the record of it."""
        names = self._stage.names
        queues = [queue_arn(self, name) for name in stage_resources.consumer_queues(self._stage)]
        return [
            allow("WriteTheAuditTrail", ["dynamodb:PutItem"], [table_arn(self, names.audit)]),
            allow("SendToConsumers", ["sqs:SendMessage"], queues),
            allow("AskTheRelay", ["lambda:InvokeFunction"], [alias_arn(self, names.relay)]),
            *self._ordered_stream(),
            *self._ordered_bridges(),
        ]

    def _ordered_bridges(self) -> list[iam.PolicyStatement]:
        """Allow `orderbus replay` to a bridge that reads the ordered stream."""
        names = self._stage.names
        functions = [
            alias_arn(self, names.function(service.name, function.module))
            for service in self._stage.bridges
            for function in service.functions
            if isinstance(function.trigger, EventStream)
        ]
        return [allow("ReplayInOrder", ["lambda:InvokeFunction"], functions)] if functions else []

    def _ordered_stream(self) -> list[iam.PolicyStatement]:
        """Allow `orderbus stream fill`, `replay` and `delete-view`, where the stage has the stream."""
        names = self._stage.names
        if not self._stage.settings.ordered_stream:
            return []
        tables = [
            table_arn(self, names.table(service.name, table.name))
            for service in self._stage.topology.stream_consumers
            for table in service.tables
        ]
        function = [alias_arn(self, names.stream)]
        rebuilds = [allow("RebuildFigures", REBUILD_FIGURES, tables)] if tables else []
        return [allow("FillTheStream", ["lambda:InvokeFunction"], function), *rebuilds]

    def _dead_lettered_messages(self) -> list[iam.PolicyStatement]:
        stage = self._stage
        queues = [queue_arn(self, name) for name in stage_resources.dead_letter_queues(stage)]
        topics = [topic_arn(self, stage.names.topic(fact.name)) for fact in stage.topology.own_facts]
        redrives = [
            bus_arn(self, stage.names.redrive_bus(f"forward-{key}"))
            for key in stage_resources.rule_bridges(stage)
        ]
        buses = [*(forward.event_bus_arn for forward in stage.settings.forward), *redrives]
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
        services = stage_resources.replayable(self._stage)
        replays = [replays_arn(self, names.replays(service)) for service in services]
        sources = [archive_arn(self, names.event_archive), bus_arn(self, names.event_bus)]
        return [
            allow("StartReplays", ["events:StartReplay"], sources),
            allow("WatchReplays", ["events:StartReplay", "events:DescribeReplay"], replays),
        ]

    def _inputs(self) -> list[iam.PolicyStatement]:
        """Allow outside producers' events, a synthetic order's, and changes of services' tables."""
        names, people = self._stage.names, self._stage.application.people
        sources = [*people.operator_sources, *self._stage.own_ingress_sources]
        ingress = allow(
            "SpeakForOutsiders",
            ["events:PutEvents"],
            [bus_arn(self, names.ingress_bus)],
            # `ForAllValues` alone is true for a request that names no source.
            {
                "ForAllValues:StringEquals": {SOURCE: sources},
                "Null": {SOURCE: "false"},
            },
        )
        changes = [on_table(self, grant, names=names) for grant in people.operator_tables]
        return [ingress, *changes] if people.operator_sources else changes

    def _read_model(self) -> list[iam.PolicyStatement]:
        """Allow to empty the read model, and to write it as its service does."""
        stage = self._stage
        wanted = stage.application.people.read_model
        services = (service for service in stage.topology.services if service.name == wanted)
        return [statement for service in services for statement in self._rebuilds(service)]

    def _rebuilds(self, service: Service) -> list[iam.PolicyStatement]:
        actions = {
            table.name: sorted({"Scan", "BatchWriteItem", *service.consumer.uses[table.name]})
            for table in service.tables
        }
        return [
            allow(
                f"Rebuild{table.title().replace('-', '')}",  # a sid is alphanumeric
                [f"dynamodb:{action}" for action in actions[table]],
                [table_arn(self, self._stage.names.table(service.name, table))],
            )
            for table in actions
        ]
