"""Who publishes and consumes each fact of the booking domain, and each service's tables."""

from infrastructure.services import FactDeclaration, Function, Service, Topology
from infrastructure.tables import Table
from infrastructure.triggers import Queue

TOPOLOGY = Topology(
    facts=(
        FactDeclaration(name="BookingRequested", owner="website"),
        FactDeclaration(name="RoomHeld", owner="rooms"),
        FactDeclaration(name="RoomUnavailable", owner="rooms", no_consumer_because="the website shows it"),
        FactDeclaration(name="RoomReleased", owner="rooms", no_consumer_because="the website shows it"),
        FactDeclaration(name="PaymentTaken", owner="payments"),
        FactDeclaration(name="PaymentDeclined", owner="payments"),
        FactDeclaration(
            name="BookingConfirmed", owner="bookings", no_consumer_because="the website shows it"
        ),
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
            functions=(Function(module="handler", trigger=Queue(reacts_to=("PaymentTaken",))),),
        ),
    ),
)
