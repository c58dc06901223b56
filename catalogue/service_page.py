"""The page of a service."""

from dataclasses import dataclass

from infrastructure.observability import alarms
from infrastructure.observability.alarm_row import AlarmRow
from infrastructure.services import Function, Service
from infrastructure.tables import Table
from infrastructure.topology import FACTS
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
    Trigger,
    Webhook,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionRow:
    """A function with its trigger, limits, tables and alarms."""

    module: str
    trigger: str
    limits: str
    uses: list[str]
    alarms: tuple[AlarmRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePage:
    """One service."""

    name: str
    publishes: list[str]
    consumes: list[str]
    tables: list[tuple[str, str, str]]
    functions: list[FunctionRow]


def service_page(service: Service) -> ServicePage:
    """Return the page of a service."""
    return ServicePage(
        name=service.name,
        publishes=[fact.name for fact in FACTS if fact.owner == service.name],
        consumes=list(service.reacts_to),
        tables=[(table.name, _key(table), _notes(table)) for table in service.tables],
        functions=[_row(function) for function in service.functions],
    )


def _row(function: Function) -> FunctionRow:
    return FunctionRow(
        module=function.module,
        trigger=_trigger(function.trigger),
        limits=f"{function.timeout_seconds} s, {function.memory_mb} MB",
        uses=[f"{table}: {', '.join(actions)}" for table, actions in function.uses.items()],
        alarms=(*alarms.FUNCTION_ALARMS, *_alarms(function.trigger), *function.alarms),
    )


def _trigger(trigger: Trigger) -> str:
    match trigger:
        case Queue():
            waits = ", gathered for `batching_seconds`" if trigger.may_wait else ""
            return f"queue: batches of {trigger.batch_size}{waits}, {trigger.max_receive_count} receives"
        case Routes():
            return "HTTP: " + ", ".join(trigger.routes)
        case OperatorRoutes():
            return "HTTP, for operators: " + ", ".join(trigger.routes)
        case Webhook() | TokenRoute():
            return f"HTTP, signed by its sender: {trigger.route}"
        case EveryMinute():
            return f"every minute: {trigger.purpose}"
        case TableStream() | EventStream() | MessageBroker() | KafkaTopic():
            return _records(trigger)


def _records(trigger: TableStream | EventStream | MessageBroker | KafkaTopic) -> str:
    match trigger:
        case TableStream():
            return f"stream of the table {trigger.table}"
        case EventStream():
            return f"ordered stream of every event: batches of {trigger.batch_size}"
        case MessageBroker():
            return f"queue of an Amazon MQ broker: batches of {trigger.batch_size}"
        case KafkaTopic():
            return f"topic of a Kafka cluster: batches of {trigger.batch_size}"


def _alarms(trigger: Trigger) -> tuple[AlarmRow, ...]:
    match trigger:
        case Queue():
            return (*alarms.QUEUE_ALARMS, *alarms.DEAD_LETTER_ALARMS, *alarms.CONSUMER_ALARMS)
        case Routes() | OperatorRoutes() | Webhook():
            return alarms.ROUTES_ALARMS
        case TokenRoute():
            return ()
        case EveryMinute():
            return alarms.SCHEDULE_ALARMS
        case TableStream() | EventStream():
            return alarms.STREAM_ALARMS
        case MessageBroker() | KafkaTopic():
            return alarms.DEAD_LETTER_ALARMS


def _key(table: Table) -> str:
    return ", ".join(filter(None, (table.partition_key, table.sort_key)))


def _notes(table: Table) -> str:
    notes = [f"index {index.name}" for index in table.indexes]
    notes += ["items expire"] if table.expires else []
    return "; ".join([*notes, *(["has a stream"] if table.streams else [])])
