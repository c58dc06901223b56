"""Claims: of two owners whose decisions exclude each other, the first to claim an aggregate decides.

A claim is a row of a table that the owners share, written in the decision's own transaction. The event log
needs no condition on another owner's row, so no transaction there has the keys of two owners
(docs/decisions/0079-a-shipment-and-a-cancellation-claim-the-order.md).
"""

from functions.shared.event_store.attributes import texts
from functions.shared.event_store.event_log import Change
from functions.shared.runtime.environment import required


def claim(aggregate: str, *, owner: str) -> Change:
    """Return a change that claims the aggregate for an owner; its condition fails if another has it.

    An owner may claim again: a restored event log can lack a decision whose claim is still there.
    """
    return {
        "Put": {
            "TableName": required("CLAIMS_TABLE"),
            "Item": texts(subject=aggregate, claimed_by=owner),
            "ConditionExpression": "attribute_not_exists(subject) OR claimed_by = :owner",
            "ExpressionAttributeValues": texts(**{":owner": owner}),
        }
    }
