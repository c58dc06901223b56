"""Event resources have exactly these properties: a missing, different or additional one is a fault."""

from collections.abc import Iterator, Mapping
from typing import Any

from infrastructure import topology
from infrastructure.names import LIVE, Names
from infrastructure.services import Service
from infrastructure.tables import AUDIT, CLAIMS, Table
from tests.assemblies import settings_of_stages
from tests.infrastructure.graph import KEY, Graph, Resource, arn

DAY = 24 * 60 * 60
STREAM_BATCH = 100
STREAM_RETRIES = 1000
STREAM_RECORD_AGE = DAY // 2
VISIBILITY_PER_TIMEOUT = 6


class _Anything:
    """A property that must be there; another test looks at its value."""


ANYTHING = _Anything()
Expected = Mapping[str, Any]
TABLE_KEY = {"SSESpecification": {"KMSMasterKeyId": KEY, "SSEEnabled": True, "SSEType": "KMS"}}
STARTING_UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
"""CDK's, until they are scaled."""


def queues_have_their_shape(graph: Graph) -> Iterator[str]:
    """A consumer's queue keeps messages for 4 days, a dead-letter queue for 14; neither delays them."""
    consumers = {names_of(graph).queue(service.name): service for service in topology.SERVICES}
    yield from _missing(graph, "SQS::Queue", {*consumers, *map(_dlq_of, consumers)})
    for queue in graph.any_of("SQS::Queue"):
        service = consumers.get(queue.name)
        shape = (
            _queue(queue.name, service, _window(names_of(graph), service))
            if service
            else _dlq(queue.name, consumers)
        )
        yield from _differences(queue, _with_key(graph, shape, {"KmsMasterKeyId": KEY}))


def _with_key(graph: Graph, shape: Expected, key: Expected) -> Expected:
    """The shape in a stage with a key, which replaces SQS's own."""
    if not graph.any_of("KMS::Key"):
        return shape
    return {**{name: value for name, value in shape.items() if name != "SqsManagedSseEnabled"}, **key}


def _queue(name: str, service: Service, window: int) -> Expected:
    return {
        "QueueName": name,
        "MessageRetentionPeriod": 4 * DAY,
        "SqsManagedSseEnabled": True,
        "VisibilityTimeout": VISIBILITY_PER_TIMEOUT * service.consumer.timeout_seconds + window,
        "RedrivePolicy": {
            "deadLetterTargetArn": arn("sqs", _dlq_of(name)),
            "maxReceiveCount": service.queue.max_receive_count,
        },
    }


def _dlq(name: str, consumers: Mapping[str, Service]) -> Expected:
    source = name.removesuffix("-dlq")
    allowed = {"redrivePermission": "byQueue", "sourceQueueArns": [arn("sqs", source)]}
    return {
        "QueueName": name,
        "MessageRetentionPeriod": 14 * DAY,
        "SqsManagedSseEnabled": True,
        "RedriveAllowPolicy": allowed if source in consumers else {"redrivePermission": "denyAll"},
    }


def subscriptions_have_their_shape(graph: Graph) -> Iterator[str]:
    """A consumer's queue gets each of its facts whole and raw; no filter policy withholds any."""
    names = names_of(graph)
    wanted = {
        (arn("sns", names.topic(name)), arn("sqs", names.queue(service.name)))
        for service in topology.SERVICES
        for name in service.reacts_to
        if not topology.is_external(topology.fact(name))
    }
    for subscription in graph.any_of("SNS::Subscription"):
        actual = subscription.properties
        ends = (actual["TopicArn"], actual["Endpoint"])
        if actual["Protocol"] == "email":
            topic = arn("sns", names.of("alarms"))
            yield from _differences(
                subscription, {"TopicArn": topic, "Protocol": "email", "Endpoint": ANYTHING}
            )
            continue
        if ends not in wanted:
            yield f"{subscription.logical_id} subscribes {ends[1]} to {ends[0]}, which no service reacts to"
        wanted.discard(ends)
        expected = {
            "TopicArn": ANYTHING,
            "Protocol": "sqs",
            "Endpoint": ANYTHING,
            "RawMessageDelivery": True,
            "RedrivePolicy": {"deadLetterTargetArn": _dlq_of(ends[1])},
        }
        yield from _differences(subscription, expected)
    for topic, queue in sorted(wanted):
        yield f"nothing subscribes {queue} to {topic}"


def mappings_have_their_shape(graph: Graph) -> Iterator[str]:
    """A mapping takes the topology's batches; a stream's retries, splits and dead-letters what fails."""
    names = names_of(graph)
    consumers = {arn("sqs", names.queue(service.name)): service for service in topology.SERVICES}
    unread = {*consumers, *(_stream(each) for each in graph.any_of("DynamoDB::Table"))} - {None}
    for mapping in graph.any_of("Lambda::EventSourceMapping"):
        source = mapping.properties["EventSourceArn"]
        service = consumers.get(source)
        expected = _queue_mapping(names, service) if service else _stream_mapping(names, mapping)
        yield from _differences(mapping, {"EventSourceArn": source, **expected})
        if source not in unread:
            yield f"{mapping.logical_id} reads {source}, which another mapping reads or which is not there"
        unread.discard(source)
    yield from (f"no function reads {source}" for source in unread)


def _stream(table: Resource) -> str | None:
    has_one = "StreamSpecification" in table.properties
    return arn("dynamodb", f"table/{table.name}/stream/label") if has_one else None


def _queue_mapping(names: Names, service: Service) -> Expected:
    window = _window(names, service)
    return {
        **({"MaximumBatchingWindowInSeconds": window} if window else {}),
        "FunctionName": f"{names.queue(service.name)}:{LIVE}",
        "BatchSize": service.queue.batch_size,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": ANYTHING,
    }


def _window(names: Names, service: Service) -> int:
    return int(_settings(names)["batching_seconds"].get(service.name, 0))


def _settings(names: Names) -> Mapping[str, Any]:
    settings: Mapping[str, Any] = settings_of_stages()["stages"][names.stage]
    return settings


def _stream_mapping(names: Names, mapping: Resource) -> Expected:
    function = mapping.properties["FunctionName"].split(":")[-2]
    is_relay = function == names.relay
    return {
        "FunctionName": arn("lambda", f"function:{function}:{LIVE}"),
        "BatchSize": STREAM_BATCH,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "BisectBatchOnFunctionError": True,
        "DestinationConfig": {"OnFailure": {"Destination": arn("sqs", _dlq_of(function))}},
        "FilterCriteria": ANYTHING,
        "MaximumRecordAgeInSeconds": STREAM_RECORD_AGE,
        "MaximumRetryAttempts": STREAM_RETRIES,
        "ParallelizationFactor": _settings(names)["relay_parallelization"] if is_relay else 1,
        "StartingPosition": "TRIM_HORIZON",
    }


def topics_and_buses_have_their_shape(graph: Graph) -> Iterator[str]:
    """A topic and a bus are standard ones, with a name and nothing else."""
    names = names_of(graph)
    topics = {names.topic(fact.name) for fact in topology.FACTS if not topology.is_external(fact)}
    yield from _missing(graph, "SNS::Topic", topics)
    for topic in graph.any_of("SNS::Topic"):
        shape = _with_key(graph, {"TopicName": topic.name}, {"KmsMasterKeyId": KEY})
        yield from _differences(topic, shape)
    for bus in graph.any_of("Events::EventBus"):
        yield from _differences(bus, {"Name": bus.name})


def rules_have_their_shape(graph: Graph) -> Iterator[str]:
    """A rule is on and hands on the whole event; only a rule for another bus takes a role."""
    for rule in graph.any_of("Events::Rule"):
        is_timed = "ScheduleExpression" in rule.properties
        when = {"ScheduleExpression": "rate(1 minute)"} if is_timed else {"EventPattern": ANYTHING}
        bus = {} if is_timed else {"EventBusName": ANYTHING}
        expected = {"Name": rule.name, "Description": ANYTHING, "State": "ENABLED", "Targets": ANYTHING}
        yield from _differences(rule, {**expected, **when, **bus})
        for target in rule.properties["Targets"]:
            wanted = {"Id", "Arn"} | ({"DeadLetterConfig"} if not is_timed else set())
            wanted |= {"RoleArn"} if ":event-bus/" in target["Arn"] else set()
            if target.keys() != wanted or len(rule.properties["Targets"]) != 1:
                yield f"{rule.name} has a target with {sorted(target)}, and should have {sorted(wanted)}"


def tables_have_their_shape(graph: Graph) -> Iterator[str]:
    """A table has the keys, indexes, stream and time to live of the topology."""
    names = names_of(graph)
    known = {
        names.table(service.name, table.name): table
        for service in topology.SERVICES
        for table in service.tables
    }
    known[names.audit] = AUDIT
    known[names.claims] = CLAIMS
    known[names.event_log] = Table(name="event-log", partition_key="pk", sort_key="sk", streams=True)
    always = {name for name, table in known.items() if not table.only_when}
    yield from _missing(graph, "DynamoDB::Table", always)
    for table in graph.any_of("DynamoDB::Table"):
        view = "NEW_IMAGE" if table.name == names.event_log else "NEW_AND_OLD_IMAGES"
        if table.name not in known:
            yield f"no service has the table {table.name}"
            continue
        provisioned = "ProvisionedThroughput" in table.properties
        shape = _table(table.name, known[table.name], view, provisioned=provisioned)
        yield from _differences(table, _with_key(graph, shape, TABLE_KEY))


def _table(name: str, table: Table, view: str, *, provisioned: bool) -> Expected:
    """Its capacity is the stage's; tests/infrastructure/test_cost_settings.py checks that it is scaled."""
    units: Expected = {"ProvisionedThroughput": STARTING_UNITS} if provisioned else {}
    expires = {"TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True}}
    indexes = [
        {
            "IndexName": index.name,
            "KeySchema": _keys(index.partition_key, index.sort_key),
            "Projection": {"ProjectionType": "KEYS_ONLY"},
            **units,
        }
        for index in table.indexes
    ]
    return {
        "TableName": name,
        "KeySchema": _keys(table.partition_key, table.sort_key),
        "AttributeDefinitions": ANYTHING,
        **(units or {"BillingMode": "PAY_PER_REQUEST"}),
        "DeletionProtectionEnabled": ANYTHING,
        "PointInTimeRecoverySpecification": ANYTHING,
        **(expires if table.expires else {}),
        **({"StreamSpecification": {"StreamViewType": view}} if table.streams else {}),
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    }


def _keys(partition_key: str, sort_key: str | None) -> list[dict[str, str]]:
    keys = [{"AttributeName": partition_key, "KeyType": "HASH"}]
    return keys + ([{"AttributeName": sort_key, "KeyType": "RANGE"}] if sort_key else [])


def names_of(graph: Graph) -> Names:
    """The names of the graph's stage: `orderbus-dev-platform` is the stack of `dev`."""
    (stage,) = {each.stack.split("-")[1] for each in graph.resources}
    return Names(stage)


def _dlq_of(queue: str) -> str:
    return f"{queue}-dlq"


def _missing(graph: Graph, kind: str, wanted: set[str]) -> Iterator[str]:
    for name in sorted(wanted - {each.name for each in graph.any_of(kind)}):
        yield f"there is no {kind} {name}"


def _differences(resource: Resource, expected: Expected) -> Iterator[str]:
    actual = dict(resource.properties)
    for name in sorted(actual.keys() | expected.keys()):
        wanted = expected.get(name)
        if name not in expected:
            yield f"{resource.stack} {resource.logical_id} has {name}, which is not expected"
        elif name not in actual:
            yield f"{resource.stack} {resource.logical_id} has no {name}"
        elif wanted is not ANYTHING and actual[name] != wanted:
            yield f"{resource.stack} {resource.logical_id}: {name} is {actual[name]}, and should be {wanted}"
