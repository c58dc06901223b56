"""The classic mistakes, each a small edit of the real code."""

from tests.simulation.mutants.mutant import Edit, Mutant

CONSUMER = "functions/shared/runtime/consumer.py"
CONTACTS = "functions/notifications/contacts.py"
VIEWS_STORE = "functions/views/store.py"
EVENT_LOG = "functions/shared/event_store/event_log.py"
PUBLISHER = "functions/relay/publisher.py"
RELAY = "functions/relay/handler.py"
FRAUD = "functions/fraud/handler.py"
ORDER_CONTRACTS = "functions/contracts/orders.py"
FIRST_LINE = "    if datetime.now(UTC) >= at + store.KEPT:\n"
UNSET_GIFT = Edit(
    ORDER_CONTRACTS,
    "class OrderCreatedV1(Older,",
    'NO_GIFT = {"gift_message": UNSET}\n\n\nclass OrderCreatedV1(Older,',
)

MUTANTS = (
    Mutant(
        "the message's id is the idempotency key",
        (
            Edit(
                CONTACTS,
                "        self._event, self._rejects = event, False\n",
                "        new = {'id': str(__import__('uuid').uuid4())}\n"
                "        self._event = __import__('msgspec').structs.replace(event, **new)\n"
                "        self._rejects = False\n",
            ),
        ),
        found_by_seed=5,
    ),
    Mutant(
        "the order's id is the idempotency key",
        (
            Edit(CONTACTS, "get(self._event.identity)", "get(self._event.subject)"),
            Edit(CONTACTS, "digests[self._event.identity]", "digests[self._event.subject]"),
        ),
        found_by_seed=0,
    ),
    Mutant(
        "a new gateway key for every attempt",
        (
            Edit(
                "functions/payments/domain.py",
                '    return f"charge:{order_id}"\n',
                "    return f\"charge:{order_id}:{__import__('uuid').uuid4()}\"\n",
            ),
        ),
        found_by_seed=2,
    ),
    Mutant(
        "the relay acknowledges unpublished events",
        (
            Edit(
                RELAY,
                "    publication = publish(rows, on_published=_log_published, dead_letter=_dead_letter)\n",
                "    try:\n"
                "        publication = publish(rows, on_published=_log_published, dead_letter=_dead_letter)\n"
                "    except Exception:\n"
                '        return {"batchItemFailures": []}\n',
            ),
        ),
        found_by_seed=2,
    ),
    Mutant(
        "FailedEntryCount is ignored",
        (Edit(PUBLISHER, "    if code is None:\n", "    if code not in PERMANENT_CODES:\n"),),
        found_by_seed=10,
    ),
    Mutant(
        "stock is released without a condition",
        (
            Edit(
                "functions/inventory/store.py",
                "    return event_log().append("
                "released, cause=cause, changes=[_put_back(move) for move in moves])",
                "    for move in moves:\n"
                '        update = dict(_put_back(move)["Update"])\n'
                "        dynamodb().update_item(**update)\n"
                "    return event_log().append(released, cause=cause)",
            ),
        ),
        found_by_seed=2,
    ),
    Mutant(
        "state and event are written separately",
        (
            Edit(EVENT_LOG, "from functools import cache\n", "from functools import cache, partial\n"),
            Edit(
                EVENT_LOG,
                "            self._run(lambda: dynamodb().transact_write_items(TransactItems=items))\n",
                "            for each in [*items[1:], items[0]]:\n"
                "                one = partial(dynamodb().transact_write_items, TransactItems=[each])\n"
                "                self._run(one)\n",
            ),
        ),
    ),
    Mutant(
        "a batch never reports its failures",
        (
            Edit(
                CONSUMER,
                '        response["batchItemFailures"] += [{"itemIdentifier"',
                '        response["batchItemFailures"] = [] and [{"itemIdentifier"',
            ),
        ),
    ),
    Mutant(
        "poison messages are swallowed",
        (
            Edit(
                CONSUMER,
                "            dead_letter(received, failure, consumer=str(self.telemetry.metrics.service))\n",
                "            pass\n",
            ),
        ),
    ),
    Mutant(
        "the projection stores the time of arrival instead of the event's time",
        (
            Edit(
                "functions/views/projection.py",
                "    fact, at = event.fact, iso_utc(event.time)\n",
                "    fact, at = event.fact, iso_utc(__import__('datetime').datetime.now().astimezone())\n",
            ),
        ),
    ),
    Mutant(
        "a late reservation finds no tombstone",
        (
            Edit(
                "functions/inventory/handler.py",
                "    if decided is None:\n",
                "    if decided is None:\n        return\n    if decided is None:\n",
            ),
        ),
        found_by_seed=10,
    ),
    Mutant(
        "the projection adds a row at every delivery",
        (
            Edit(
                VIEWS_STORE,
                "texts(day=partition, order_id=order_id)",
                "texts(day=partition, order_id=order_id + __import__('uuid').uuid4().hex)",
            ),
        ),
    ),
    Mutant(
        "the downcast of an event loses an optional field",
        (
            Edit(
                ORDER_CONTRACTS,
                "cls(customer=customer, **fields)",
                "cls(customer=customer, **fields | NO_GIFT)",
            ),
            UNSET_GIFT,
        ),
    ),
    Mutant(
        "the upcast of an event loses an optional field",
        (
            Edit(
                ORDER_CONTRACTS,
                "email=customer.email, **fields)",
                "email=customer.email, **fields | NO_GIFT)",
            ),
            UNSET_GIFT,
        ),
    ),
    Mutant(
        "a consumer reads the older version only",
        (Edit(FRAUD, FIRST_LINE, f"    assert event.major < 2\n{FIRST_LINE}"),),
    ),
    Mutant(
        "a consumer reads the latest version only",
        (Edit(FRAUD, FIRST_LINE, f"    assert event.major == 2\n{FIRST_LINE}"),),
    ),
)
