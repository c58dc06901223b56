"""A function with its trigger: one case for each kind."""

from infrastructure.components.event_stream_consumer import EventStreamConsumer
from infrastructure.components.minute_schedule import MinuteSchedule
from infrastructure.components.queue_consumer import QueueConsumer
from infrastructure.components.service_function import ServiceFunction
from infrastructure.components.service_resources import ServiceResources
from infrastructure.components.stream_consumer import StreamConsumer
from infrastructure.observability.alarms import ROUTES_ALARMS, VERSION_UNAVAILABLE
from infrastructure.observability.stage_alarms import add_alarms
from infrastructure.services import Function
from infrastructure.triggers import EventStream, EveryMinute, Queue, Routes, TableStream, Webhook


def add_function(resources: ServiceResources, function: Function) -> None:
    """Add a function of the service, its trigger, its permissions and its alarms."""
    made = _triggered(resources, function)
    resources.grant(made, function)
    resources.add_alarms(made, function)


def _triggered(resources: ServiceResources, function: Function) -> ServiceFunction:
    stack, construct_id = resources.stack, function.module.title()
    if isinstance(function.trigger, Queue):
        return QueueConsumer(
            stack, "Consumer", resources=resources, function=function, queue=function.trigger
        ).function
    made = resources.make_function(stack, construct_id, function)
    match function.trigger:
        case Routes():
            dimensions = resources.metric_dimensions(function)
            add_alarms(stack, ROUTES_ALARMS, stage=resources.stage, name=made.name, dimensions=dimensions)
            made.shift_traffic(VERSION_UNAVAILABLE, dimensions=dimensions)
        case Webhook():
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
        case EventStream() as ordered:
            EventStreamConsumer(stack, "Stream", stage=resources.stage, function=made, stream=ordered)
    return made
