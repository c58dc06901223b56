"""Each check reports its fault in templates broken on purpose."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.infrastructure.graph import Graph
from tests.infrastructure.topology import dead_letters, frozen, grammar, security
from tests.infrastructure.topology.breaking import Fault, Properties, broken, drop, put
from tests.infrastructure.topology.test_broken_shapes import FAULTS as SHAPES
from tests.infrastructure.topology.test_the_graph import CHECKS


def without_allow(properties: Properties) -> None:
    """The policy as it is, less what it allows."""
    statements = properties["PolicyDocument"]["Statement"]
    statements[:] = [line for line in statements if line["Effect"] == "Deny"]


def without_deny(properties: Properties) -> None:
    statements = properties["PolicyDocument"]["Statement"]
    statements[:] = [line for line in statements if line["Effect"] == "Allow"]


def allow(**changes: Any) -> Callable[[Properties], object]:
    """Change the first thing the policy allows."""

    def change(properties: Properties) -> None:
        statements = properties["PolicyDocument"]["Statement"]
        next(line for line in statements if line["Effect"] == "Allow").update(changes)

    return change


def crowd(count: int) -> Callable[[Properties], object]:
    """Give each source a statement of its own, as CDK's own constructs do."""

    def change(properties: Properties) -> None:
        statements = properties["PolicyDocument"]["Statement"]
        statements += [statements[-1]] * (count - len(statements))

    return change


def fill(properties: Properties) -> None:
    statement = next(line for line in properties["PolicyDocument"]["Statement"] if line["Effect"] == "Allow")
    statement["Condition"]["ArnEquals"]["aws:SourceArn"] = [f"arn:aws:sns:{n:050}" for n in range(150)]


def target(**changes: Any) -> Callable[[Properties], object]:
    return lambda properties: properties["Targets"][0].update(changes)


def pattern(**changes: Any) -> Callable[[Properties], object]:
    return lambda properties: properties["EventPattern"].update(changes)


def forget_dead_letters(properties: Properties) -> None:
    del properties["Targets"][0]["DeadLetterConfig"]


def filtered(text: str) -> Callable[[Properties], object]:
    return put(FilterCriteria={"Filters": [{"Pattern": text}]})


def starts_with(action: str) -> Callable[[Properties], object]:
    """Take an action out of every statement of a role's policy."""

    def change(properties: Properties) -> None:
        for line in properties["PolicyDocument"]["Statement"]:
            actions = line["Action"]
            line["Action"] = [
                each for each in ([actions] if isinstance(actions, str) else actions) if each != action
            ]

    return change


QUEUE, TOPIC, RULE = "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::Events::Rule"
MAPPING, ALARM, TABLE = "AWS::Lambda::EventSourceMapping", "AWS::CloudWatch::Alarm", "AWS::DynamoDB::Table"
QUEUE_POLICY, TOPIC_POLICY, ROLE_POLICY = "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::IAM::Policy"
SUBSCRIPTION, SCHEMA = "AWS::SNS::Subscription", "AWS::EventSchemas::Schema"
EVERYBODY = {"AWS": "*"}

FAULTS = (
    Fault(dead_letters.undelivered_is_kept, RULE, "EventPattern", forget_dead_letters, "has no dead-letter"),
    Fault(dead_letters.undelivered_is_kept, SUBSCRIPTION, "sqs", drop("RedrivePolicy"), "has no dead-letter"),
    Fault(
        dead_letters.undelivered_is_kept, QUEUE, "RedrivePolicy", drop("RedrivePolicy"), "has no dead-letter"
    ),
    Fault(
        dead_letters.undelivered_is_kept,
        MAPPING,
        "DestinationConfig",
        drop("DestinationConfig"),
        "stream mapping orderbus-dev-",
    ),
    Fault(
        dead_letters.undelivered_is_kept,
        RULE,
        "EventPattern",
        target(DeadLetterConfig={"Arn": "arn:aws:sqs:eu-west-1:123456789012:nowhere"}),
        "that no template has",
    ),
    Fault(
        dead_letters.carriers_may_deliver, TOPIC_POLICY, "events.amazonaws", without_allow, "may not deliver"
    ),
    Fault(
        dead_letters.carriers_may_deliver,
        QUEUE_POLICY,
        "Consumer/Queue/Resource/Policy",
        without_allow,
        "may not deliver",
    ),
    Fault(
        dead_letters.carriers_may_deliver,
        ROLE_POLICY,
        "sqs:ReceiveMessage",
        starts_with("sqs:ReceiveMessage"),
        "may not sqs:ReceiveMessage",
    ),
    Fault(
        dead_letters.carriers_may_deliver,
        ROLE_POLICY,
        "dynamodb:GetRecords",
        starts_with("dynamodb:GetRecords"),
        "may not dynamodb:GetRecords",
    ),
    Fault(
        dead_letters.carriers_may_dead_letter,
        QUEUE_POLICY,
        "DeadLetters",
        without_allow,
        "may not use its dead-letter queue",
    ),
    Fault(
        dead_letters.carriers_may_dead_letter,
        QUEUE,
        "sourceQueueArns",
        put(RedriveAllowPolicy={"redrivePermission": "denyAll"}),
        "queue mapping",
    ),
    Fault(
        dead_letters.carriers_may_dead_letter,
        ROLE_POLICY,
        "dynamodb:GetRecords",
        starts_with("sqs:SendMessage"),
        "stream mapping",
    ),
    Fault(
        dead_letters.dead_letters_ring,
        ALARM,
        "MessagesVisible",
        put(Threshold=2),
        "no alarm fires at the first message",
    ),
    Fault(
        dead_letters.dead_letters_ring,
        ALARM,
        "MessagesVisible",
        put(MetricName="NumberOfMessagesSent"),
        "no alarm fires at the first message",
    ),
    Fault(
        dead_letters.dead_letters_ring,
        ALARM,
        "MessagesVisible",
        put(ActionsEnabled=False),
        "no alarm fires at the first message",
    ),
    Fault(
        dead_letters.dead_letters_find_back,
        TOPIC,
        "-order-created",
        put(TopicName="elsewhere"),
        "leads to no function",
    ),
    Fault(
        dead_letters.dead_letters_find_back,
        TABLE,
        "StreamSpecification",
        put(TimeToLiveSpecification={"AttributeName": "expires_at", "Enabled": True}),
        "forgets",
    ),
    Fault(
        dead_letters.dead_letters_outlive_their_source,
        QUEUE,
        "RedriveAllowPolicy",
        put(MessageRetentionPeriod=345_600),
        "no longer than that did",
    ),
    Fault(dead_letters.reactions_have_time, QUEUE, "Visibility", put(VisibilityTimeout=179), "before 180"),
    Fault(dead_letters.alarms_notify_someone, ALARM, "Metric", put(AlarmActions=[]), "notifies no topic"),
    Fault(security.queues_are_encrypted, QUEUE, "Sse", put(SqsManagedSseEnabled=False), "in the clear"),
    Fault(security.plain_http_is_refused, QUEUE_POLICY, "Deny", without_deny, "without TLS"),
    Fault(security.plain_http_is_refused, TOPIC_POLICY, "Deny", without_deny, "without TLS"),
    Fault(security.nobody_is_everybody, QUEUE_POLICY, "Allow", allow(Principal=EVERYBODY), "to everybody"),
    Fault(security.nobody_is_everybody, TOPIC_POLICY, "Allow", allow(Principal="*"), "to everybody"),
    Fault(
        security.services_act_for_a_known_source,
        QUEUE_POLICY,
        "Allow",
        allow(Condition={}),
        "admits a service for any source",
    ),
    Fault(
        security.services_act_for_a_known_source,
        "AWS::Lambda::Permission",
        "Source",
        drop("SourceArn"),
        "invoke for any source",
    ),
    Fault(security.policies_fit, QUEUE_POLICY, "Allow", crowd(21), "21 statements; SQS takes 20"),
    Fault(security.policies_fit, QUEUE_POLICY, "Allow", crowd(11), "11 conditions; SQS takes 10"),
    Fault(security.policies_fit, QUEUE_POLICY, "Allow", fill, "SQS takes 8192"),
    Fault(
        grammar.event_patterns_can_match,
        RULE,
        "EventPattern",
        pattern(detail_type=["OrderCreated"]),
        "which no event has",
    ),
    Fault(grammar.event_patterns_can_match, RULE, "EventPattern", pattern(source="orders"), "array"),
    Fault(
        grammar.event_patterns_can_match,
        RULE,
        "EventPattern",
        pattern(source=[{"begins-with": "orders"}]),
        "begins-with",
    ),
    Fault(grammar.filters_can_match, MAPPING, "FilterCriteria", filtered("{not json"), "Invalid JSON"),
    Fault(grammar.filters_can_match, MAPPING, "FilterCriteria", filtered('{"eventName": "INSERT"}'), "array"),
    Fault(grammar.filters_can_match, SUBSCRIPTION, "sqs", put(FilterPolicy={"kind": "gold"}), "array"),
    Fault(grammar.schemas_are_schemas, SCHEMA, "Content", put(Content="{"), "is not JSON"),
    Fault(grammar.schemas_are_schemas, SCHEMA, "Content", put(Content='{"type": "text"}'), "is no schema"),
    Fault(grammar.keys_are_attributes, TABLE, "Key", put(AttributeDefinitions=[]), "and defines []"),
    Fault(grammar.batches_are_taken, MAPPING, "Queue", put(BatchSize=100), "without waiting"),
    Fault(
        grammar.batches_are_taken, MAPPING, "Queue", drop("FunctionResponseTypes"), "the whole batch again"
    ),
    Fault(
        grammar.batches_are_taken, MAPPING, "Queue", filtered('{"body": {"a": [1]}}'), "deletes the messages"
    ),
    Fault(grammar.streams_do_not_stop, MAPPING, "Stream", drop("MaximumRetryAttempts"), "hopeless"),
    Fault(grammar.streams_do_not_stop, MAPPING, "Stream", drop("MaximumRecordAgeInSeconds"), "hopeless"),
    Fault(
        grammar.streams_do_not_stop, MAPPING, "Stream", drop("BisectBatchOnFunctionError"), "a whole batch"
    ),
    Fault(grammar.streams_do_not_stop, MAPPING, "Stream", put(StartingPosition="LATEST"), "misses"),
)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_broken_template_is_reported(dev: Graph, fault: Fault) -> None:
    assert list(fault.check(dev)) == []
    violations = list(fault.check(broken(dev, fault)))
    assert any(fault.report in violation for violation in violations), violations


def test_renamed_table_is_reported(dev: Graph) -> None:
    templates = copy.deepcopy(dev.templates)
    resources = templates["orderbus-dev-inventory"]["Resources"]
    (table,) = [name for name, each in resources.items() if each["Type"] == TABLE]
    renamed = json.loads(json.dumps(templates).replace(table, "Renamed"))
    violations = list(frozen.data_stays_where_it_is(Graph(dev.assembly, templates=renamed)))
    assert violations == [f"inventory {table} {TABLE} is gone: deploying this would delete it"]


def test_every_check_has_been_seen_to_fail() -> None:
    assert {fault.check for fault in (*FAULTS, *SHAPES)} | {frozen.data_stays_where_it_is} == set(CHECKS)
