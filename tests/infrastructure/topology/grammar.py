"""Texts that CloudFormation accepts and the service rejects, or understands differently.

cfn-lint sees none of these: each has been broken on purpose and found by this and not by that.
"""

import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft4Validator, SchemaError

from pocketcloud.eventbridge.patterns import BUS, MAPPING, SUBSCRIPTION, InvalidPatternError, compile_pattern
from tests.infrastructure.graph import Graph

EVENT_FIELDS = frozenset(
    ("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail")
) | {"replay-name", "$or"}
"""Fields of an event on a bus; a pattern on any other never matches.

https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
"""


def event_patterns_can_match(graph: Graph) -> Iterator[str]:
    """A rule's pattern is one EventBridge takes, and asks for fields that an event has."""
    for rule in graph.any_of("Events::Rule"):
        pattern = rule.properties.get("EventPattern")
        if pattern is None:
            continue
        if unknown := sorted(pattern.keys() - EVENT_FIELDS):
            yield f"{rule.name} asks for {unknown}, which no event has"
        yield from _refused(rule.name, json.dumps(pattern), BUS)


def filters_can_match(graph: Graph) -> Iterator[str]:
    """The filters of mappings and subscriptions are patterns that their service takes."""
    for mapping in graph.any_of("Lambda::EventSourceMapping"):
        for each in mapping.properties.get("FilterCriteria", {}).get("Filters", []):
            yield from _refused(mapping.logical_id, each["Pattern"], MAPPING)
    for subscription in graph.any_of("SNS::Subscription"):
        if "FilterPolicy" in subscription.properties:
            policy = json.dumps(subscription.properties["FilterPolicy"])
            yield from _refused(subscription.logical_id, policy, SUBSCRIPTION)


def _refused(name: str, pattern: str, dialect: Any) -> Iterator[str]:
    try:
        compile_pattern(pattern, dialect)
    except InvalidPatternError as error:
        yield f"{name}: {error}"


def schemas_are_schemas(graph: Graph) -> Iterator[str]:
    """Every registered schema is a JSON Schema of the draft that the registry accepts."""
    for schema in graph.any_of("EventSchemas::Schema"):
        try:
            Draft4Validator.check_schema(json.loads(schema.properties["Content"]))
        except ValueError:
            yield f"{schema.properties['SchemaName']} is not JSON"
        except SchemaError as error:
            yield f"{schema.properties['SchemaName']} is no schema: {error.message}"


def keys_are_attributes(graph: Graph) -> Iterator[str]:
    """A table defines the attributes of its keys and its indexes' keys, and no others."""
    for table in graph.any_of("DynamoDB::Table"):
        actual = table.properties
        indexes = [*actual.get("GlobalSecondaryIndexes", []), *actual.get("LocalSecondaryIndexes", [])]
        keys = {key["AttributeName"] for each in (actual, *indexes) for key in each["KeySchema"]}
        defined = {each["AttributeName"] for each in actual["AttributeDefinitions"]}
        if keys != defined:
            yield f"{table.name} has the keys {sorted(keys)} and defines {sorted(defined)}"


def batches_are_taken(graph: Graph) -> Iterator[str]:
    """More than ten messages need a batching window, and only failed ones may be redelivered.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    for mapping in graph.any_of("Lambda::EventSourceMapping"):
        actual = mapping.properties
        of_queue = ":sqs:" in actual["EventSourceArn"]
        if of_queue and actual.get("BatchSize", 10) > 10 and not actual.get("MaximumBatchingWindowInSeconds"):
            yield f"{mapping.logical_id} takes more than ten messages without waiting for them"
        if actual.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{mapping.logical_id} delivers the whole batch again for one failure"
        if of_queue and "FilterCriteria" in actual:
            yield f"{mapping.logical_id} deletes the messages that its filter does not match"


def streams_do_not_stop(graph: Graph) -> Iterator[str]:
    """Without limits, a record that can never succeed blocks its shard for a day.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
    """
    for mapping in graph.any_of("Lambda::EventSourceMapping"):
        actual = mapping.properties
        if ":dynamodb:" not in actual["EventSourceArn"]:
            continue
        if actual.get("MaximumRetryAttempts", -1) < 0 or actual.get("MaximumRecordAgeInSeconds", -1) < 0:
            yield f"{mapping.logical_id} retries a hopeless record for as long as the stream has it"
        if not actual.get("BisectBatchOnFunctionError"):
            yield f"{mapping.logical_id} discards a whole batch for one record"
        if actual["StartingPosition"] != "TRIM_HORIZON":
            yield f"{mapping.logical_id} misses rows that are written during its creation"
