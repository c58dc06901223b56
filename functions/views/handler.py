"""Project every fact of an order into the read model.

The projection decides and publishes nothing, and its writes are idempotent. The service needs no record of
what it has seen, so a replay projects again. The consumer requires a store; this one never uses it.
"""

from functions.contracts.order_fact import OrderFact
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.consumer import Reactions, consumer
from functions.shared.runtime.environment import required
from functions.views.domain import MILESTONES
from functions.views.projection import project
from functions.views.store import ReadModel, Tables


def read_model() -> ReadModel:
    """Return the tables of this deployment."""
    tables = Tables(
        progress=required("PROGRESS_TABLE"),
        listings=required("LISTINGS_TABLE"),
        sales=required("SALES_TABLE"),
    )
    return ReadModel(dynamodb(), tables)


def on_every_fact(event: Event[OrderFact]) -> None:
    """Add what the fact says to the read model."""
    project(event, read_model())


REACTIONS: Reactions = dict.fromkeys(MILESTONES, on_every_fact)

handle = consumer("views", REACTIONS, store=event_log)
