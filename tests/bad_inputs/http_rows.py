"""The table of bad requests: what each is, by its number in the catalogue, and what it must get."""

import json

from tests.bad_inputs.http_row import (
    CANARY,
    ENCODED,
    GOOD,
    GRACES,
    LIMIT,
    AlmostOver,
    Row,
    at,
    basket,
    body,
    busy,
    character,
    field,
    grace_orders,
    key,
    misspelt,
    nested,
    of_another_kind,
    packed,
    quantity,
    unknown,
    with_name,
    with_quantity,
    with_sku,
    without,
)
from tests.unit.functions.shop import BASKET, cancel, look, place, post

DEEP = basket(lines=[]).replace("[]", nested(20))
MANY = with_quantity("9" * 5000)

SYNTAX = (
    body("H1 no body", None, 400, "body_missing"),
    body("H1 empty body", "", 400, "body_missing"),
    body("H1 blank body", " \r\n\t", 400, "body_missing"),
    body("H2 an opening brace", "{", 400, "json_invalid", offset=1),
    body("H2 text after the JSON", GOOD + CANARY, 400, "json_invalid", offset=len(GOOD)),
    body("H2 single quotes", "{'lines': []}", 400, "json_invalid", offset=1),
    body("H2 behind characters of two bytes", '{"é":', 400, "json_invalid", offset=6),
    misspelt("H2 a raw line end in a string", with_name('"Ada\nLovelace"'), "\n"),
    of_another_kind("H3 plain text", "text/plain"),
    of_another_kind("H3 no content type", None),
    of_another_kind("H3 a form", "application/x-www-form-urlencoded", "a=b"),
    of_another_kind("H4 UTF-16", "application/json; charset=utf-16"),
    body("H4 a byte order mark", "\ufeff" + GOOD, 400, "json_invalid", offset=0),
    packed("H5 no base64", "!" + CANARY, "base64_invalid"),
    packed("H5 base64 and more", f"{ENCODED}!", "base64_invalid"),
    packed("H5 base64 cut short", "abc", "base64_invalid"),
    packed("H5 base64 in no ASCII", "é" * 4, "base64_invalid"),
    packed("H5 base64 of no UTF-8", "eyJlbWFpbCI6Iv8ifQ==", "invalid_unicode", 10),
    body("H6 too large", GOOD + " " * LIMIT, 413, "body_too_large"),
    body("H6 too large in other characters", with_name(f'"{"é" * (LIMIT // 2)}"'), 413, "body_too_large"),
    body("H6 larger than is unpacked", "A" * 3 * LIMIT, 413, "body_too_large", isBase64Encoded=True),
    *(
        body(f"H7 {coding}", GOOD, 415, "content_encoding", headers={"content-encoding": coding})
        for coding in ("gzip", "br", "deflate, gzip")
    ),
    body("H8 a hundred thousand deep", nested(100_000), 413, "body_too_large"),
    body("H8 as deep as fits", nested(LIMIT // 2), 400, "json_too_deep", offset=20),
    body("H8 one level too many", DEEP, 400, "json_too_deep", offset=at(DEEP, "[") + 19),
    body("H8 brackets that nothing closes", "[" * LIMIT, 400, "json_too_deep", offset=20),
    body("H9 5,000 digits", MANY, 400, "number_out_of_range", offset=at(MANY, "999")),
    body("H9 5,000 digits behind a point", "0." + "0" * 5000, 400, "number_out_of_range", offset=0),
    body("H9 5,000 digits in an exponent", "1e" + "0" * 5000, 400, "number_out_of_range", offset=0),
    body("H10 NaN", with_quantity("NaN"), 400, "json_invalid"),
    body("H10 Infinity", with_quantity("-Infinity"), 400, "json_invalid"),
    body(
        "H10 1e999",
        with_quantity("1e999"),
        400,
        "number_out_of_range",
        offset=at(with_quantity("1e999"), "1e999"),
    ),
    body("H11 the same name twice", GOOD[:-1] + ', "email": "c4n4ry@example.com"}', 400, "duplicate_key"),
    body("H11 in a line", with_quantity('1, "quantity": 2'), 400, "duplicate_key"),
    body("H11 the same name in two spellings", GOOD[:-1] + ', "\\u0065mail": ""}', 400, "duplicate_key"),
    *(body(f"H12 {text}", text, 400, "json_no_object", "") for text in ("[]", '"c4n4ry"', "null", "4242")),
)

CHARACTERS = (
    character("H13 half a surrogate pair", with_name('"\\ud800"'), "/ship_to/name", "invalid_unicode"),
    character("H13 the other half", with_name('"\\udc00\\ud800"'), "/ship_to/name", "invalid_unicode"),
    character("H13 in a name of a field", basket(**{"\ud800": 1}), "", "invalid_unicode"),
    body(
        "H13 raw",
        with_name('"\ud800"'),
        400,
        "invalid_unicode",
        offset=at(with_name('"\ud800"'.replace("\ud800", "X")), "X"),
    ),
    *(
        character(f"H14 {escape}", with_name(f'"c4n4ry{escape}"'), "/ship_to/name")
        for escape in ("\\u0000", "\\n", "\\u001b[2J", "\\u007f", "\\u0085", "\\u2028")
    ),
    character("H14 in a name of a field", basket(**{"c4n4ry\x00": 1}), ""),
    character("H15 turned round", with_sku("TEA\\u202ePOT"), "/lines/0/sku"),
    character("H15 of no width", with_sku("TEA\\u200bPOT"), "/lines/0/sku"),
    character("H15 turned round in a name", with_name('"\\u202eecalevoL"'), "/ship_to/name"),
    field("H15 a joiner in a SKU", with_sku("TEA\\u200dPOT"), "/lines/0/sku"),
    field("H15 characters that look alike", with_sku("T\\u0415APOT"), "/lines/0/sku"),
    field("H15 lower case", with_sku(CANARY), "/lines/0/sku"),
)

FIELDS = (
    field("H16 a name that grows as it is composed", with_name(json.dumps("\u0958" * 100)), "/ship_to/name"),
    unknown("H17 role", basket(role=CANARY), "/role"),
    unknown("H17 a field with a slash", basket(**{"a/b~c": CANARY}), "/a~1b~0c"),
    unknown("H17 in the address", basket(ship_to={**BASKET["ship_to"], "role": CANARY}), "/ship_to/role"),
    unknown("H17 in the total", basket(total={"amount": 5099, "currency": "GBP", "tip": 1}), "/total/tip"),
    *(field(f"H18 no {name}", without(name), f"/{name}") for name in BASKET),
    *(field(f"H18 no {name}", without("ship_to", name), f"/ship_to/{name}") for name in BASKET["ship_to"]),
    field("H18 no sku", without("lines", 0, "sku"), "/lines/0/sku"),
    field("H18 no quantity", without("lines", 1, "quantity"), "/lines/1/quantity"),
    field("H18 nothing at all", "{}", "/lines"),
    *(quantity("H19", text) for text in ('"1"', "true", "1.0", "null", "1e0", "[1]")),
    *(quantity("H20", text) for text in ("0", "-0", "-1", "100", "1000000000", "9223372036854775808")),
    field("H21 no lines", basket(lines=[]), "/lines"),
    field("H21 100 lines", basket(lines=BASKET["lines"] * 50), "/lines"),
    body("H22 a SKU in two lines", basket(lines=BASKET["lines"] * 2), 422, "duplicate_sku", "/lines"),
    body("H23 total", basket(total={"amount": 1, "currency": "GBP"}), 422, "total_mismatch", "/total"),
    unknown(
        "H24 a price",
        basket(lines=[{"sku": "TEAPOT", "quantity": 1, "unit_price": 1}]),
        "/lines/0/unit_price",
    ),
    field("H25 no currency", basket(total={"amount": 1, "currency": "ZZZ"}), "/total/currency"),
    body(
        "H25 another currency",
        basket(total={"amount": 5099, "currency": "EUR"}),
        422,
        "total_mismatch",
        "/total",
    ),
    field("H26 decimals", basket(total={"amount": 50.99, "currency": "JPY"}), "/total/amount"),
    field("H27 2^63", basket(total={"amount": 2**63, "currency": "GBP"}), "/total/amount"),
    field("H27 2^64", basket(total={"amount": 2**64, "currency": "GBP"}), "/total/amount"),
    field("H27 below nought", basket(total={"amount": -1, "currency": "GBP"}), "/total/amount"),
    body("H28 a SKU nobody sells", GOOD.replace("CUP", "SAUCER"), 422, "unknown_sku", "/lines/1/sku"),
    unknown("H29 another customer", basket(customer_id=CANARY), "/customer_id"),
    unknown("H29 the same customer", basket(customer_id="ada"), "/customer_id"),
    body("H30 a token without a subject", GOOD, 401, "token_without_subject", customer=None),
    unknown("H47 a time of the client's", basket(placed_at="1970-01-01T00:00:00Z"), "/placed_at"),
    field("H50 a formula for a SKU", with_sku("=1+1"), "/lines/0/sku"),
    field("H0 a card number", basket(payment_method="4242424242424242"), "/payment_method"),
    field("H0 an address that is none", basket(email=f"{CANARY}@"), "/email"),
    field("H0 a country in words", GOOD.replace('"GB"', f'"{CANARY}"'), "/ship_to/country"),
)

ORDER_IDS = ("", "1", "..", "../admin", "%00", "\x00", "\ud800", "x" * 10_000, "<script>", "c4n4ry\n")

OTHERS = (
    Row("H32 another's order", lambda: look(GRACES), 404, "order_not_found", given=grace_orders),
    Row("H32 to cancel", lambda: cancel(GRACES), 404, "order_not_found", given=grace_orders),
    *(
        Row(f"H33 {ascii(text)[:20]}", lambda text=text: look(text), 404, "order_not_found")  # type: ignore[misc]  # mypy/12557
        for text in ORDER_IDS
    ),
    *(
        Row(f"H33 cancel {ascii(text)[:20]}", lambda text=text: cancel(text), 404, "order_not_found")  # type: ignore[misc]  # as above
        for text in ORDER_IDS
    ),
    key("H34 no key", None, "idempotency_key_missing"),
    key("H35 an empty key", ""),
    key("H35 a key of 256 characters", "c" * 256),
    key("H35 a key in no ASCII", "c4n4ry-é"),
    key("H35 a key with a blank", "c4n4ry c4n4ry"),
    key("H35 a key and a line end", "c4n4ry\n"),
    Row(
        "H37 the same key for another order",
        lambda: place(email=f"{CANARY}@example.com"),
        422,
        "idempotency_key_reused",
        given=place,
    ),
    busy("H43 the catalogue is throttled", "BatchGetItem", "ThrottlingException"),
    busy("H43 the log is throttled", "TransactWriteItems", "ProvisionedThroughputExceededException"),
    busy(
        "H44 in another's way, every time",
        "TransactWriteItems",
        "TransactionCanceledException",
        "None",
        "TransactionConflict",
    ),
    Row("H52 no time to order", lambda: post(GOOD, context=AlmostOver()), 503, "out_of_time"),
    Row(
        "H52 no time to cancel",
        lambda: cancel(GRACES, customer="grace", context=AlmostOver()),
        503,
        "out_of_time",
        given=grace_orders,
    ),
)


ROWS = (*SYNTAX, *CHARACTERS, *FIELDS, *OTHERS)
