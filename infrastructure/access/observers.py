"""The policies of a person who reads a stage of an application."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure import stage_resources
from infrastructure.access.statements import allow, on_table
from infrastructure.application import Stage
from infrastructure.arns import (
    alias_arn,
    archive_arn,
    function_arn,
    http_apis_arn,
    log_lines_arn,
    queue_arn,
    rule_arn,
    stream_arn,
    table_arn,
)
from infrastructure.components.key_uses import with_key

LOOK_AT_QUEUES = ("sqs:GetQueueUrl", "sqs:GetQueueAttributes")
READ_FIGURES = ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan")
EVENT_LOG_READS = ("BatchGetItem", "DescribeTable", "GetItem", "Query", "Scan")
"""For the facts of one subject, one fact, the table's identity, a dead-lettered row, and all events."""


class ObserverPolicies(Construct):
    """Allow every command that reads, and every dry run, to a person who has both policies.

    Reading a dead-lettered message receives it, which hides it for a while.
    There are two, because IAM accepts 6,144 characters in one.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        everything, dead_lettered = stage.names.observer_policies
        title = stage.application.title
        iam.ManagedPolicy(
            self,
            "Resource",
            managed_policy_name=everything,
            # A change would replace the policy, and its name does not allow that.
            description=f"{title}: reads everything of a stage but dead-lettered messages, changes nothing.",
            statements=with_key(self, stage, self._everything()),
        )
        iam.ManagedPolicy(
            self,
            "DeadLetters",
            managed_policy_name=dead_lettered,
            description=f"{title}: reads dead-lettered messages of a stage, removes none.",
            statements=with_key(self, stage, self._dead_lettered_messages()),
        )

    def _everything(self) -> list[iam.PolicyStatement]:
        return [
            *self._without_resource(),
            *self._tables(),
            *self._functions(),
            *self._ordered_stream(),
            *self._replays(),
            allow("FindTheHttpApi", ["apigateway:GET"], [http_apis_arn(self)]),
        ]

    def _without_resource(self) -> list[iam.PolicyStatement]:
        """Allow lists and metrics of the whole account and region: AWS supports no resource there.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
        """
        actions = [
            "sqs:ListQueues",
            "cloudwatch:DescribeAlarms",  # supports alarms, but returns composite ones only on `*`
            "cloudwatch:GetMetricData",
            "events:ListReplays",
        ]
        return [allow("ListAndMeasure", actions, ["*"])]

    def _tables(self) -> list[iam.PolicyStatement]:
        names, people = self._stage.names, self._stage.application.people
        reads = [f"dynamodb:{action}" for action in EVENT_LOG_READS]
        return [
            allow("ReadTheEventLog", reads, [table_arn(self, names.event_log)]),
            *(on_table(self, grant, names=names) for grant in people.observer_tables),
            allow("ReadTheAuditTrail", ["dynamodb:Scan"], [table_arn(self, names.audit)]),
        ]

    def _functions(self) -> list[iam.PolicyStatement]:
        names = self._stage.names
        functions = [
            *self._stage.topology.function_names(names),
            *stage_resources.optional_functions(self._stage),
        ]
        logs = [log_lines_arn(self, function) for function in functions]
        # AWS does not document which ARN it checks when the request has a qualifier.
        relay = [function_arn(self, names.relay), alias_arn(self, names.relay)]
        return [
            allow("ReadLogs", ["logs:FilterLogEvents"], logs),
            allow("ReadTheShareThatIsLogged", ["lambda:GetFunctionConfiguration"], relay),
        ]

    def _ordered_stream(self) -> list[iam.PolicyStatement]:
        """Allow `orderbus stream` and `analytics` to read, where the stage has the stream."""
        stage = self._stage
        if not stage.settings.ordered_stream:
            return []
        actions = ("DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards")
        stream = [stream_arn(self, stage.names.ordered_stream)]
        tables = [
            table_arn(self, stage.names.table(service.name, table.name))
            for service in stage.topology.stream_consumers
            for table in service.tables
        ]
        reads = [allow("ReadItsFigures", READ_FIGURES, tables)] if tables else []
        return [allow("ReadTheStream", [f"kinesis:{action}" for action in actions], stream), *reads]

    def _replays(self) -> list[iam.PolicyStatement]:
        names = self._stage.names
        queues = [queue_arn(self, name) for name in stage_resources.consumer_queues(self._stage)]
        rules = [names.replay_rule(service) for service in stage_resources.replayable(self._stage)]
        return [
            allow("LookAtQueues", LOOK_AT_QUEUES, queues),
            allow("LookAtTheArchive", ["events:DescribeArchive"], [archive_arn(self, names.event_archive)]),
            allow("LookAtReplayRules", ["events:DescribeRule"], self._rules(rules)),
        ]

    def _dead_lettered_messages(self) -> list[iam.PolicyStatement]:
        stage = self._stage
        queues = [queue_arn(self, name) for name in stage_resources.dead_letter_queues(stage)]
        actions = [*LOOK_AT_QUEUES, "sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"]
        keys = (
            *(forward.key for forward in stage.settings.forward),
            *stage_resources.rule_bridges(stage),
        )
        forwards = [stage.names.forward_rule(key) for key in keys]
        targets = [allow("LookAtForwards", ["events:ListTargetsByRule"], self._rules(forwards))]
        return [allow("ReadDeadLetters", actions, queues), *(targets if forwards else [])]

    def _rules(self, rules: Sequence[str]) -> list[str]:
        return [rule_arn(self, self._stage.names.event_bus, rule) for rule in rules]
