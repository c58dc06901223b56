"""The topology of the booking domain: facts, services, tables, alarms and grants of people."""

from infrastructure.access.grants import PeopleGrants, TableGrant
from infrastructure.observability.alarm_row import Severity
from infrastructure.observability.overview import FlowAlarmRow, GraphRow, Overview
from infrastructure.services import FactDeclaration, Function, Service, Topology
from infrastructure.tables import Table
from infrastructure.triggers import Queue

SHOWN = "the website shows it"

TOPOLOGY = Topology(
    facts=(
        FactDeclaration(name="BookingRequested", owner="website"),
        FactDeclaration(name="RoomHeld", owner="rooms"),
        FactDeclaration(name="RoomUnavailable", owner="rooms"),
        FactDeclaration(name="RoomReleased", owner="rooms"),
        FactDeclaration(name="PaymentTaken", owner="payments"),
        FactDeclaration(name="PaymentDeclined", owner="payments"),
        FactDeclaration(name="BookingConfirmed", owner="bookings", no_consumer_because=SHOWN),
        FactDeclaration(name="BookingCancelled", owner="bookings", no_consumer_because=SHOWN),
    ),
    services=(
        Service(
            name="rooms",
            tables=(Table(name="rooms", partition_key="room_type"),),
            functions=(
                Function(
                    module="handler",
                    trigger=Queue(reacts_to=("BookingRequested", "PaymentDeclined")),
                    uses={"rooms": ("UpdateItem",)},
                ),
            ),
        ),
        Service(
            name="payments",
            functions=(Function(module="handler", trigger=Queue(reacts_to=("RoomHeld",))),),
        ),
        Service(
            name="bookings",
            functions=(
                Function(
                    module="handler",
                    trigger=Queue(reacts_to=("PaymentTaken", "RoomUnavailable", "RoomReleased")),
                ),
            ),
        ),
    ),
)

OVERVIEW = Overview(
    flow=FlowAlarmRow(
        name="bookings-are-not-flowing",
        kind="bookings-are-not-flowing",
        severity=Severity.PAGE,
        meaning="Bookings wait too long at one service or at all of them.",
        services=("rooms", "payments", "bookings"),
    ),
    dashboard="bookings-overview",
    question="Do bookings flow?",
    graphs=((GraphRow(title="Reactions, by fact", metric="Handled", by="fact"),),),
)

PEOPLE = PeopleGrants(
    observer_tables=(TableGrant(sid="ReadRooms", service="rooms", table="rooms", actions=("Scan",)),),
    operator_sources=("website",),
)
