"""Mistakes with synthetic orders, which only a stage with a heartbeat has."""

from tests.simulation.heartbeats import HeartbeatRun
from tests.simulation.mutants.mutant import Edit, Mutant

SCHEDULE = "functions/heartbeat/schedule.py"
CONTRACT = "functions/contracts/heartbeat.py"

HEARTBEAT_MUTANTS = (
    Mutant(
        "a synthetic shipment is a sale",
        (
            Edit(
                "functions/views/projection.py",
                "ShipmentScheduled(carrier=heartbeat.NO_CARRIER)",
                'ShipmentScheduled(carrier="no such carrier")',
            ),
        ),
        found_by_seed=1,
        run=HeartbeatRun,
    ),
    Mutant(
        "the end of a synthetic order is counted",
        (
            Edit(
                "functions/shipping/handler.py",
                " and not is_synthetic(event.fact.customer_id)",
                "",
            ),
            Edit(
                "functions/shipping/handler.py",
                "from functions.contracts.heartbeat import is_synthetic\n",
                "",
            ),
        ),
        found_by_seed=1,
        run=HeartbeatRun,
    ),
    Mutant(
        "a synthetic order has a price",
        (
            Edit(CONTRACT, " and line.unit_price:", " and line.unit_price < 0:"),
            Edit(SCHEDULE, "quantity=1, unit_price=0", "quantity=1, unit_price=1"),
        ),
        found_by_seed=1,
        run=HeartbeatRun,
    ),
    Mutant(
        "the heartbeat measures placed orders instead of shipped ones",
        (
            Edit(
                "functions/heartbeat/handler.py",
                "SHIPMENT = (ShipmentScheduled.owner, ShipmentScheduled.decision)",
                'SHIPMENT = ("orders", "creation")',
            ),
        ),
        found_by_seed=16,
        run=HeartbeatRun,
    ),
)
