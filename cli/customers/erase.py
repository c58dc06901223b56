"""`orderbus customers erase`: remove a person's name, addresses and messages from everything that keeps them.

Rows of the event log are immutable to every function. This command alone changes them, as an administrator:
the event stays, with the person taken out. The log's stream carries the change, and no reader passes it on.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from cli.core.account import LOOK, Account, aws_errors
from cli.core.audit import Action, AuditTrail, read_audit_trail
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.customers.emptied_archive import empty_archive, kept_days
from cli.customers.personal_data import ERASED_EMAIL, personal_texts, without_personal_data
from cli.customers.records import CustomerRecords, records_of
from cli.dlq.queues import dead_letter_queues
from cli.dlq.search import MessageSelection, search
from functions.notifications.address_limit import row_of
from functions.notifications.contact_rows import CONTACT_RETENTION
from functions.shared.contracts.codec import read_envelope

MESSAGES_READ = 10_000
"""Maximum messages read from each dead-letter queue."""
PERSONAL = frozenset({"CheckoutCompleted", "OrderCreated", "OrderConfirmed", "ShipmentScheduled"})
"""The facts that carry an address or a gift message."""
AGAIN = "Run the same command again: what is erased stays erased."
MUTE = "SET email = :erased, muted = :muted, expires_at = if_not_exists(expires_at, :expires)"
"""No email about the order is sent any more (functions/notifications/contacts.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRequest:
    """The customer to erase, or all of the audit trail again after a restore."""

    customer: str | None
    recorded: bool
    empties_archive: bool
    confirmed: bool
    now: datetime


@dataclass(slots=True, kw_only=True)
class Erasure:
    """The data of one customer that was or would be erased."""

    customer: str
    orders: int
    events: int
    """Rows of the log that name the person."""
    contacts: int
    archive_days: int | None
    """Days for which the archive keeps the events; None if it was or will be emptied."""
    dead_lettered: list[str] = field(default_factory=list)
    """Ids of messages that name the person."""
    open_orders: list[str] = field(default_factory=list)
    done: bool = False


def erase(account: Account, request: ErasureRequest, *, as_json: bool) -> ExitCode:
    """Erase the customers, or show what that changes."""
    if bool(request.customer) == request.recorded:
        raise CommandError(
            "Name exactly one customer, or use --recorded.", hint="Nothing was erased.", code=ExitCode.USAGE
        )
    with aws_errors(hint=f"{LOOK} {AGAIN}"):
        customers = _recorded(account) if request.recorded else [str(request.customer)]
        erasures = [_erase(account, request, customer) for customer in customers]
        if request.confirmed and request.empties_archive and any(each.done for each in erasures):
            empty_archive(account)
    if as_json:
        write_json([asdict(erasure) for erasure in erasures])
    else:
        _print(erasures, confirmed=request.confirmed)
    is_left = any(each.open_orders or each.dead_lettered for each in erasures)
    return ExitCode.INCOMPLETE if is_left else ExitCode.OK


def _recorded(account: Account) -> list[str]:
    rows = read_audit_trail(account.client("dynamodb"), account.names)
    return list(
        dict.fromkeys(row["selected"] for row in rows if row["action"] == Action.ERASE and "selected" in row)
    )


def _erase(account: Account, request: ErasureRequest, customer: str) -> Erasure:
    records = records_of(account, customer)
    erasure = Erasure(
        customer=customer,
        orders=len(records.orders),
        events=sum(without_personal_data(each) != each for each in records.documents.values()),
        contacts=sum(row["email"]["S"] != ERASED_EMAIL for row in records.contacts if "email" in row),
        archive_days=None if request.empties_archive else kept_days(account),
        dead_lettered=_dead_lettered(account, request.now, records),
        open_orders=records.open_orders(),
    )
    if request.confirmed and not (erasure.open_orders or erasure.dead_lettered):
        if erasure.events + erasure.contacts:
            trail = AuditTrail.of(account, Action.ERASE, action_id=str(uuid4()), at=request.now)
            trail.begin(customer, erasure.events)
            _erase_events(account, records)
            _erase_contacts(account, records, expires=request.now + CONTACT_RETENTION)
        erasure.done = True
    return erasure


def _dead_lettered(account: Account, now: datetime, records: CustomerRecords) -> list[str]:
    """Return the messages that name the person; they are redriven or purged first."""
    texts = set[str]().union(*map(personal_texts, records.documents.values()))
    spellings = {spelling for text in texts for spelling in (text, json.dumps(text)[1:-1])}
    sqs = account.client("sqs")
    queues = dead_letter_queues(sqs, account.names)
    found = search(sqs, queues, MessageSelection(now=now), limit=MESSAGES_READ)
    return [
        each.message_id
        for each in found.messages
        if (each.label.order in records.orders and each.label.type in PERSONAL)
        or any(spelling in each.body for spelling in spellings)
    ]


def _erase_events(account: Account, records: CustomerRecords) -> None:
    for row in records.events:
        document = row["event"]["S"]
        if (erased := without_personal_data(document)) != document:
            account.client("dynamodb").update_item(
                TableName=account.names.event_log,
                Key={"pk": row["pk"], "sk": row["sk"]},
                UpdateExpression="SET event = :erased",
                ConditionExpression="event = :event",
                ExpressionAttributeValues={":erased": {"S": erased}, ":event": {"S": document}},
            )


def _erase_contacts(account: Account, records: CustomerRecords, *, expires: datetime) -> None:
    """Replace the addresses, and delete the counts of emails, whose keys are hashes of them.

    An order without a row gets one: its `OrderCreated` may still wait in the queue of emails.
    """
    dynamodb, table = account.client("dynamodb"), account.names.table("notifications", "contacts")
    values: dict[str, Any] = {
        ":erased": {"S": ERASED_EMAIL},
        ":muted": {"BOOL": True},
        ":expires": {"N": str(int(expires.timestamp()))},
    }
    for order in records.orders:
        dynamodb.update_item(
            TableName=table,
            Key={"order_id": {"S": order}},
            UpdateExpression=MUTE,
            ExpressionAttributeValues=values,
        )
    for key in _limit_rows(records):
        dynamodb.delete_item(TableName=table, Key={"order_id": {"S": key}})


def _limit_rows(records: CustomerRecords) -> set[str]:
    emails = {row["order_id"]["S"]: row["email"]["S"] for row in records.contacts if "email" in row}
    keys = set()
    for document in records.documents.values():
        with suppress(KeyError):
            envelope = read_envelope(document)
            keys.add(row_of(emails[envelope.subject], envelope.timestamp))
    return keys


def _print(erasures: Sequence[Erasure], *, confirmed: bool) -> None:
    console = terminal()
    for each in erasures:
        console.print(
            f"{each.customer}: {each.orders} orders, {each.events} events and {each.contacts} contacts"
            f" {'named' if each.done else 'name'} the person."
        )
        for order in each.open_orders:
            console.print(f"{order} is open and needs its address: cancel it, or wait until it is shipped.")
        for message in each.dead_lettered:
            console.print(f"dead-lettered message {message} names the person: redrive or purge it first.")
        if each.archive_days is not None:
            days = f"{each.archive_days} days" if each.archive_days else "for ever"
            console.print(f"The archive keeps events {days}; --empty-archive empties it.")
        if each.done:
            console.print("Erased. Delete the user at the token issuer, and notify those who receive events.")
    if not confirmed:
        console.print("Nothing was erased. Add --yes to erase it.")
