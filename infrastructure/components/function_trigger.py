"""A function with its trigger: one case for each kind."""

from infrastructure.components.broker_queue_mapping import BrokerQueueMapping
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.event_stream_consumer import EventStreamConsumer
from infrastructure.components.kafka_mapping import KafkaMapping
from infrastructure.components.minute_schedule import MinuteSchedule
from infrastructure.components.queue_consumer import QueueConsumer
from infrastructure.components.service_function import ServiceFunction
from infrastructure.components.service_resources import ServiceResources
from infrastructure.components.stream_consumer import StreamConsumer
from infrastructure.observability.alarms import ROUTES_ALARMS, VERSION_UNAVAILABLE
from infrastructure.observability.stage_alarms import add_alarms
from infrastructure.services import Function
from infrastructure.triggers import (
    EventStream,
    EveryMinute,
    KafkaTopic,
    MessageBroker,
    OperatorRoutes,
    Queue,
    Routes,
    TableStream,
    TokenRoute,
    Webhook,
)


def add_function(resources: ServiceResources, function: Function) -> None:
    """Add a function of the service, its trigger, its permissions and its alarms."""
    made = _triggered(resources, function)
    resources.grant(made, function)
    resources.add_alarms(made, function)


def _function(resources: ServiceResources, function: Function, construct_id: str) -> ServiceFunction:
    """Make the function; one that puts events on the ingress bus has a queue for those it rejects."""
    if not function.puts_on_ingress:
        return resources.make_function(resources.stack, construct_id, function)
    names = resources.stage.names
    source = f"{resources.service.name}-{function.module}"
    rejected = DeadLetterQueue(
        resources.stack,
        f"{construct_id}DeadLetters",
        stage=resources.stage,
        queue_name=names.dead_letter_queue(source),
    ).queue
    environment = {"DEAD_LETTER_QUEUE_URL": rejected.queue_url}
    made = resources.make_function(resources.stack, construct_id, function, environment)
    made.allow(rejected.queue_arn, "sqs:SendMessage")
    return made


def _triggered(resources: ServiceResources, function: Function) -> ServiceFunction:
    stack, construct_id = resources.stack, function.module.title()
    if isinstance(function.trigger, Queue):
        return QueueConsumer(
            stack, "Consumer", resources=resources, function=function, queue=function.trigger
        ).function
    made = _function(resources, function, construct_id)
    match function.trigger:
        case Routes() | OperatorRoutes():
            dimensions = resources.metric_dimensions(function)
            add_alarms(stack, ROUTES_ALARMS, stage=resources.stage, name=made.name, dimensions=dimensions)
            made.shift_traffic(VERSION_UNAVAILABLE, dimensions=dimensions)
        case Webhook() | TokenRoute():
            made.shift_traffic()
        case EveryMinute(purpose):
            # No canary: five invocations show nothing.
            MinuteSchedule(stack, "Minute", stage=resources.stage, function=made, purpose=purpose)
        case TableStream() as stream:
            StreamConsumer(
                stack,
                f"{construct_id}Listener",
                stage=resources.stage,
                function=made,
                table=resources.tables[stream.table].table,
                attributes=stream.attributes,
                counted_as=resources.metric_dimensions(function),
            )
        case KafkaTopic() as topic:
            KafkaMapping(stack, f"{construct_id}Mapping", resources=resources, function=made, topic=topic)
        case MessageBroker() as broker:
            BrokerQueueMapping(
                stack,
                "Broker",
                stage=resources.stage,
                function=made,
                broker=broker,
                secret_arn=resources.secret_arn,
            )
        case EventStream() as ordered:
            EventStreamConsumer(stack, "Stream", stage=resources.stage, function=made, stream=ordered)
    return made
