"""The consumers of the ordered stream: what they count, and who may read it. No CDK."""

from infrastructure.monitors import SILENT_ALARMS
from infrastructure.services import Function, Service
from infrastructure.tables import IS_SET, Table
from infrastructure.triggers import EventStream, OperatorRoutes

STREAM_CONSUMERS: tuple[Service, ...] = (
    Service(
        name="analytics",
        only_when={"ordered_stream": IS_SET},
        tables=(Table(name="analytics", partition_key="scope", sort_key="position"),),
        functions=(
            Function(
                module="handler",
                trigger=EventStream(batching_window_seconds=5),
                uses={"analytics": ("GetItem", "PutItem", "UpdateItem")},
                reads_event_log=True,
                timeout_seconds=60,
                alarms=SILENT_ALARMS,
            ),
            Function(
                module="api",
                trigger=OperatorRoutes(("GET /analytics",)),
                uses={"analytics": ("GetItem", "Query")},
                lists_shards=True,
                settings={"OPERATOR_GROUP": "operator_group", "OPERATOR_SCOPE": "token.operator_scope"},
                timeout_seconds=10,  # API Gateway times out after thirty
                memory_mb=512,
            ),
        ),
    ),
)
