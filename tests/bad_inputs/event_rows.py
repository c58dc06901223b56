"""The table: what a message may be that it should not, and what it gets."""

import json
from typing import Any

from functions.shared.contracts.envelope import event_id
from tests.bad_inputs.event_row import (
    CUSTOMER,
    NAMELESS,
    URN,
    Row,
    bus,
    data,
    document,
    forged,
    handled,
    later,
    rejected,
    sns,
    unknown,
    without,
)
from tests.unit.functions.builders import (
    ORDER,
    OTHER_ORDER,
    a_payment_processed,
    an_order_cancelled,
)

ID = event_id("orders", ORDER, "creation")
CANCELLATION = (event_id("orders", ORDER, "cancellation"), "urn:orderbus:schema:orders:OrderCancelled:1")
PAYMENT = (event_id("payments", ORDER, "payment"), "urn:orderbus:schema:payments:PaymentProcessed:1")
LINE = {"sku": "CUP", "quantity": 1, "unit_price": 650}
GOOD = bus()
REPLAYED: dict[str, Any] = {"replay-name": "inventory-1"}

ROWS: tuple[Row, ...] = (
    *(
        rejected(f"E1 {name}", body, "json_invalid", NAMELESS)
        for name, body in {
            "nothing": "",
            "words": "hello",
            "half of it": GOOD[: len(GOOD) // 2],
            "a list": "[]",
            "null": "null",
            "no bus event": '{"Type": "SubscriptionConfirmation"}',
        }.items()
    ),
    handled("E2 in SNS's wrapping", sns(GOOD)),
    rejected("E2 in SNS's wrapping, no event", sns("hello"), "json_invalid", NAMELESS),
    rejected("E2 wrapped twice", sns(sns(GOOD)), "json_invalid", NAMELESS),
    rejected("E3 detail is text", bus(detail=json.dumps(document())), "double_encoded", NAMELESS),
    rejected("E3 detail is no document", bus(detail=[document()]), "envelope_invalid", NAMELESS),
    *(
        rejected(f"E4 no {name}", bus(detail=without(name)), "metadata_missing", labels)
        for name, labels in {
            "id": ("-", URN),
            "correlationid": None,
            "causationid": None,
            "traceparent": None,
            "time": None,
            "dataschema": (ID, "-"),
            "data": None,
        }.items()
    ),
    *(
        rejected(f"E5 {name}", bus(document(id=wrong)), "envelope_invalid", ("-", URN))
        for name, wrong in {"no UUID": "42", "a number": 42}.items()
    ),
    handled("E5 a UUID in capitals", bus(document(id=ID.upper()))),
    unknown("E6 a fact of tomorrow", bus(document(type="OrderGiftWrapped"))),
    handled("E7 a newer minor", bus(document(dataversion="1.1", data=data(gift={"wrapped": True})))),
    rejected(
        "E8 a newer minor's value",
        bus(
            document(an_order_cancelled(), data={"order_id": ORDER, "customer_id": "ada", "reason": "bored"})
        ),
        "enum_unknown",
        CANCELLATION,
    ),
    rejected(
        "E9 a newer major",
        bus(document(dataschema=f"{URN[:-1]}3")),
        "schema_major_unsupported",
        (ID, f"{URN[:-1]}3"),
    ),
    rejected(
        "E10 a major never upcast",
        bus(document(dataschema=f"{URN[:-1]}0")),
        "schema_major_unsupported",
        (ID, f"{URN[:-1]}0"),
    ),
    rejected(
        "E10 another fact's schema",
        bus(document(dataschema=URN.replace("Created", "Placed"))),
        "schema_unsupported",
        (ID, URN.replace("Created", "Placed")),
    ),
    handled("E11 without what has a default", bus(without("datacontenttype"))),
    rejected("E12 a field is gone", bus(document(data={"order_id": ORDER, **CUSTOMER})), "data_invalid"),
    forged("E16 not theirs to say", bus(document(source="shipping")), "source_unauthorised"),
    forged("E16 a claim in the detail", bus(source="storefront"), "source_mismatch"),
    forged(
        "E16 paid, says the shop",
        bus(document(a_payment_processed(), source="storefront")),
        "source_unauthorised",
        PAYMENT,
    ),
    forged("E17 another account", bus(account="999999999999"), "origin_unauthorised"),
    forged("E17 another region", bus(region="us-east-1"), "origin_unauthorised"),
    forged(
        "E17 from nowhere",
        json.dumps({"source": "orders", "detail-type": "OrderCreated", "detail": document()}),
        "origin_unauthorised",
    ),
    unknown("E19 for somebody else", bus(document(a_payment_processed()))),
    handled("E26 an hour ahead", bus(document(time=later(hours=1))), ClockSkewed=1),
    handled("E26 five minutes ahead", bus(document(time=later(minutes=5)))),
    rejected("E26 more than a day ahead", bus(document(time=later(hours=24, seconds=1))), "time_in_future"),
    rejected("E26 the last year there is", bus(document(time="9999-12-31T23:59:59-23:59")), "time_in_future"),
    rejected("E27 1970", bus(document(time="1970-01-01T00:00:00Z")), "time_in_past"),
    rejected("E27 the first year there is", bus(document(time="0001-01-01T00:00:00+23:59")), "time_in_past"),
    handled("E27 three months ago", bus(document(time=later(days=-89)))),
    handled(
        "E27 1970, replayed",
        bus(document(time="1970-01-01T00:00:00Z"), **REPLAYED),
        Replayed=1,
    ),
    handled("E30 replayed", bus(**REPLAYED), Replayed=1),
    rejected(
        "E33 a control character", bus(document(data=data(ship_to={"name": "A\x00da"}))), "data_invalid"
    ),
    rejected("E33 half a surrogate pair", GOOD.replace("London", "\\ud800"), "json_invalid", NAMELESS),
    *(
        rejected(f"E34 {name}", GOOD.replace("5099", amount), "data_invalid")
        for name, amount in {
            "a fraction": "50.99",
            "a float": "5099.0",
            "39 digits": "9" * 39,
            "5,000 digits": "9" * 5000,
            "infinity": "1e999",
            "text": '"5099"',
            "negative": "-1",
        }.items()
    ),
    rejected("E34 not a number at all", GOOD.replace("5099", "NaN"), "json_invalid", NAMELESS),
    rejected("E35 100 lines", bus(document(data=data(lines=[LINE] * 100))), "data_invalid"),
    rejected("E35 10,000 lines", bus(document(data=data(lines=[{}] * 10_000))), "data_invalid"),
    rejected(
        "E35 more than 128 KiB",
        bus(document(data=data(lines=[LINE] * 10_000))),
        "message_too_large",
        NAMELESS,
    ),
    rejected(
        "E35 nested 20,000 deep",
        GOOD.replace('"data": {', f'"x": {"[" * 20_000}{"]" * 20_000}, "data": {{'),
        "json_invalid",
        NAMELESS,
    ),
    rejected("E52 a line break in the id", bus(document(id=f"{ID}\n{ID}")), "envelope_invalid", ("-", URN)),
    rejected(
        "E52 a line break in the order's id", bus(document(data=data(order_id=f"{ORDER}\n"))), "data_invalid"
    ),
    rejected(
        "E52 a line break in the schema",
        bus(document(dataschema=f"{URN}\n")),
        "schema_unsupported",
        (ID, "-"),
    ),
    rejected("E52 a line break in the subject", bus(document(subject=f"{ORDER}\nspoof")), "subject_mismatch"),
    rejected("E14 another order than the subject", bus(document(subject=OTHER_ORDER)), "subject_mismatch"),
    handled(
        "E52 marks and quotes in a name",
        bus(
            document(
                data=data(
                    ship_to={**json.loads(json.dumps(document()["data"]["ship_to"])), "name": '"}{<b>\u202e'}
                )
            )
        ),
    ),
)
