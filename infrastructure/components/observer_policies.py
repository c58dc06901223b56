"""What a person needs to look at a stage by `orderbus`, and cannot change anything with."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure import deployed
from infrastructure.arns import (
    alias_arn,
    archive_arn,
    function_arn,
    http_apis_arn,
    log_lines_arn,
    queue_arn,
    rule_arn,
    table_arn,
)
from infrastructure.stage import Stage
from infrastructure.statements import allow

LOOK_AT_QUEUES = ("sqs:GetQueueUrl", "sqs:GetQueueAttributes")
EVENT_LOG_READS = ("BatchGetItem", "DescribeTable", "GetItem", "Query", "Scan")
"""An order's facts, one fact, whether it is the table it was, a dead letter's row, and history whole."""


class ObserverPolicies(Construct):
    """Let whoever has both type every command that looks, dry runs included.

    Dead letters are read by receiving them, so that one may be hidden for a while and shown again.
    They are two, as IAM takes 6,144 characters in one.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        everything, dead_letters = stage.names.observer_policies
        iam.ManagedPolicy(
            self,
            "Resource",
            managed_policy_name=everything,
            # To change it would replace the policy, which its name forbids.
            description="Orderbus: looks at everything of a stage but dead letters, changes nothing.",
            statements=[
                *self._where_aws_knows_no_resource(),
                *self._tables(),
                *self._functions(),
                *self._replays(),
                allow("FindTheHttpApi", ["apigateway:GET"], [http_apis_arn(self)]),
            ],
        )
        iam.ManagedPolicy(
            self,
            "DeadLetters",
            managed_policy_name=dead_letters,
            description="Orderbus: looks at dead letters of a stage, removes none.",
            statements=self._dead_letters(),
        )

    def _where_aws_knows_no_resource(self) -> list[iam.PolicyStatement]:
        """Lists and measurements of the whole account and region.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
        """
        actions = [
            "sqs:ListQueues",
            "cloudwatch:DescribeAlarms",  # knows alarms, but tells of composite ones only whoever may see all
            "cloudwatch:GetMetricData",
            "events:ListReplays",
        ]
        return [allow("ListAndMeasure", actions, ["*"])]

    def _tables(self) -> list[iam.PolicyStatement]:
        names = self._stage.names
        reads = {
            "ReadTheEventLog": (names.event_log, EVENT_LOG_READS),
            "ReadPayments": (names.table("payments", "attempts"), ["GetItem"]),
            "ReadStock": (names.table("inventory", "stock"), ["Scan"]),
            "ReadSales": (names.table("views", "sales"), ["Query"]),
            "ReadListings": (names.table("views", "listings"), ["Query"]),
            "ReadProgress": (names.table("views", "progress"), ["BatchGetItem"]),
            "ReadTheAuditTrail": (names.audit, ["Scan"]),
        }
        return [
            allow(sid, [f"dynamodb:{action}" for action in actions], [table_arn(self, table)])
            for sid, (table, actions) in reads.items()
        ]

    def _functions(self) -> list[iam.PolicyStatement]:
        names = self._stage.names
        logs = [log_lines_arn(self, function) for function in deployed.functions(names)]
        # AWS does not say by which of its names a function is asked for when the request has a qualifier.
        relay = [function_arn(self, names.relay), alias_arn(self, names.relay)]
        return [
            allow("ReadLogs", ["logs:FilterLogEvents"], logs),
            allow("ReadTheShareThatIsLogged", ["lambda:GetFunctionConfiguration"], relay),
        ]

    def _replays(self) -> list[iam.PolicyStatement]:
        names = self._stage.names
        queues = [queue_arn(self, name) for name in deployed.consumer_queues(names)]
        rules = [names.replay_rule(service) for service in deployed.hearers_of_replays()]
        return [
            allow("LookAtQueues", LOOK_AT_QUEUES, queues),
            allow("LookAtTheArchive", ["events:DescribeArchive"], [archive_arn(self, names.order_archive)]),
            allow("LookAtReplayRules", ["events:DescribeRule"], self._rules(rules)),
        ]

    def _dead_letters(self) -> list[iam.PolicyStatement]:
        stage = self._stage
        queues = [queue_arn(self, name) for name in deployed.dead_letter_queues(stage)]
        actions = [*LOOK_AT_QUEUES, "sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"]
        forwards = [stage.names.forward_rule(forward.key) for forward in stage.forward]
        whither = [allow("LookAtForwards", ["events:ListTargetsByRule"], self._rules(forwards))]
        return [allow("ReadDeadLetters", actions, queues), *(whither if forwards else [])]

    def _rules(self, rules: Sequence[str]) -> list[str]:
        return [rule_arn(self, self._stage.names.order_bus, rule) for rule in rules]
