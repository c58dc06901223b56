"""The publisher loses nothing: for every response, each event is published or reported."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ReadTimeoutError
from facts import a_delivery
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from orderbus_client import Event, Publisher, RetryPolicy, UnpublishedError, new_event
from orderbus_client.bus_entry import entry_of
from orderbus_client.events import (
    CheckoutCompleted,
    EnteredAddress,
    PricedLine,
    StockLine,
    StockReplenished,
)

Respond = Callable[[list[dict[str, Any]]], list[str | None]]
"""The error code of each entry of a request; None publishes it."""


class Bus:
    """EventBridge's client, with the responses of a script; the last one repeats."""

    def __init__(self, *script: Respond | Exception) -> None:
        self.script = list(script)
        self.requests: list[list[str]] = []
        self.arrived: list[str] = []

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        ids = [str(json.loads(entry["Detail"])["id"]) for entry in Entries]
        self.requests.append(ids)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        codes = step(Entries)
        self.arrived.extend(each for each, code in zip(ids, codes, strict=False) if code is None)
        return {"Entries": [_result(code) for code in codes]}


def _result(code: str | None) -> dict[str, str]:
    return {"EventId": "eb-1"} if code is None else {"ErrorCode": code, "ErrorMessage": f"because {code}"}


def all_published(entries: list[dict[str, Any]]) -> list[str | None]:
    return [None] * len(entries)


def failing(*places: int, code: str = "ThrottlingException") -> Respond:
    return lambda entries: [code if place in places else None for place in range(len(entries))]


def failure(code: str, status: int) -> ClientError:
    response = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "PutEvents")  # type: ignore[arg-type]  # the parts that matter


def publisher(bus: Bus, **policy: Any) -> Publisher:
    return Publisher("bus", client=bus, policy=RetryPolicy(**policy))  # type: ignore[arg-type]  # only put_events


def test_batches_hold_ten_entries_in_order(pauses: list[float]) -> None:
    bus, events = Bus(all_published), [a_delivery(number) for number in range(23)]
    report = publisher(bus).publish(events)
    assert [len(request) for request in bus.requests] == [10, 10, 3]
    assert bus.arrived == [event.id for event in events]
    assert [each.event for each in report.required()] == events
    assert pauses == []


def aws_bytes(event: Event[Any]) -> int:
    """Return an entry's size by AWS's formula (.../eventbridge/latest/userguide/eb-putevent-size.html)."""
    request = entry_of(event).request("bus")
    return sum(len(request[name].encode()) for name in ("Source", "DetailType", "Detail"))


@pytest.mark.parametrize(("spare_bytes", "sizes"), [(0, [1, 1, 1]), (1, [2, 1])])
def test_batches_stay_below_the_maximum_bytes(spare_bytes: int, sizes: list[int]) -> None:
    """The limit itself is too much, and a character outside ASCII has more bytes than one."""
    home = EnteredAddress(name="Åsa Öberg", street="Ågatan 1", city="Åre", postal_code="83752", country="SE")
    cart = CheckoutCompleted(
        idempotency_key="cart-0",
        customer_id="asa",
        email="asa@example.com",
        ship_to=home,
        currency="SEK",
        payment_method="pm_card_visa",
        lines=(PricedLine(sku="CUP", quantity=1, unit_price=650),),
    )
    carts = [replace(cart, idempotency_key=f"cart-{number}") for number in range(3)]
    bus, events = Bus(all_published), [new_event(each, subject=each.idempotency_key) for each in carts]
    assert {event.major for event in events} == {2}
    maximum = sum(map(aws_bytes, events[:2])) + spare_bytes
    Publisher("bus", client=bus, maximum_batch_bytes=maximum).publish(events).required()  # type: ignore[arg-type]  # as above
    assert [len(request) for request in bus.requests] == sizes


def test_only_failed_entries_are_retried_with_their_ids(pauses: list[float]) -> None:
    bus, events = Bus(failing(1, 2), failing(0), all_published), [a_delivery(number) for number in range(4)]
    report = publisher(bus).publish(events)
    ids = [event.id for event in events]
    assert bus.requests == [ids, ids[1:3], ids[1:2]]
    assert [each.event for each in report.required()] == events
    assert len(pauses) == 2


@pytest.mark.parametrize(
    "code",
    [
        *("AccessDeniedException", "InvalidAccountIdException", "InvalidArgument", "MalformedDetail"),
        *("RedactionFailure", "NotAuthorizedForSourceException", "NotAuthorizedForDetailTypeException"),
        "SomethingNew",
    ],
)
def test_permanent_error_is_reported_at_once(pauses: list[float], code: str) -> None:
    bus = Bus(failing(1, code=code))
    report = publisher(bus).publish([a_delivery(number) for number in range(3)])
    (unpublished,) = report.unpublished
    assert (unpublished.event.id, unpublished.code) == (bus.requests[0][1], code)
    assert (unpublished.attempts, unpublished.is_retryable) == (1, False)
    assert (len(bus.requests), pauses) == (1, [])


@pytest.mark.parametrize(
    "error",
    [
        failure("ThrottlingException", 400),
        failure("InternalException", 500),
        failure("Strange", 503),
        ReadTimeoutError(endpoint_url="https://events"),
    ],
    ids=str,
)
def test_passing_failure_of_a_request_is_retried(pauses: list[float], error: Exception) -> None:
    bus = Bus(error, all_published)
    publisher(bus).publish([a_delivery()]).required()
    assert len(bus.requests) == 2
    assert len(pauses) == 1


@pytest.mark.parametrize("error", [failure("AccessDeniedException", 400), NoCredentialsError()], ids=str)
def test_lasting_failure_of_a_request_is_reported(pauses: list[float], error: Exception) -> None:
    bus = Bus(error)
    report = publisher(bus).publish([a_delivery(1), a_delivery(2)])
    assert [each.is_retryable for each in report.unpublished] == [False, False]
    assert (len(bus.requests), pauses) == (1, [])


@pytest.mark.usefixtures("pauses")
def test_short_response_is_no_success() -> None:
    bus = Bus(lambda _: [None], all_published)
    publisher(bus).publish([a_delivery(1), a_delivery(2)]).required()
    assert [len(request) for request in bus.requests] == [2, 2]


@pytest.mark.usefixtures("pauses")
def test_attempts_are_bounded_and_the_rest_reported() -> None:
    bus = Bus(failing(0))
    report = publisher(bus, attempts=3).publish([a_delivery(1), a_delivery(2)])
    (unpublished,) = report.unpublished
    assert (unpublished.code, unpublished.attempts) == ("ThrottlingException", 3)
    assert unpublished.is_retryable
    with pytest.raises(UnpublishedError, match="1 events were not published: ThrottlingException"):
        report.required()


def test_deadline_reports_what_was_never_sent(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderbus_client.retry_policy.uniform", lambda _low, high: high)
    bus = Bus(failing(*range(10)))
    policy = {"attempts": 100, "base_seconds": 4, "maximum_pause_seconds": 4, "deadline_seconds": 10}
    report = publisher(bus, **policy).publish([a_delivery(number) for number in range(12)])
    assert {each.code for each in report.unpublished} == {"ThrottlingException"}
    assert sum(pauses) <= 10
    pauses.append(10)
    late = publisher(Bus(all_published), deadline_seconds=1e-9)
    monkeypatch.setattr("orderbus_client.publisher.batches", lambda entries, **_: _slowly(entries, pauses))
    assert [each.code for each in late.publish([a_delivery()]).unpublished] == ["DeadlineExceeded"]


def _slowly(entries: list[Any], pauses: list[float]) -> list[list[Any]]:
    pauses.append(1)
    return [entries]


def test_invalid_event_is_reported_and_the_others_sent() -> None:
    twice = (StockLine(sku="CUP", quantity=1), StockLine(sku="CUP", quantity=2))
    wrong = [
        new_event(StockReplenished(replenishment_id="d", lines=twice), subject="d"),
        new_event(StockReplenished(replenishment_id="d", lines=()), subject="d"),
        new_event(StockReplenished(replenishment_id="d", lines="x"), subject="d"),  # type: ignore[arg-type]  # on purpose
    ]
    wrong.append(new_event(StockReplenished(replenishment_id=object(), lines=()), subject="d"))  # type: ignore[arg-type]  # too
    bus = Bus(all_published)
    report = publisher(bus).publish([*wrong[:2], a_delivery(), *wrong[2:]])
    assert [each.code for each in report.unpublished] == ["Invalid"] * 4
    assert all(each.message for each in report.unpublished)
    assert len(bus.arrived) == 1


@given(
    st.lists(st.sampled_from([None, "ThrottlingException", "InvalidArgument"]), min_size=1, max_size=60),
    st.data(),
)
def test_every_event_is_published_or_reported(codes: list[str | None], data: st.DataObject) -> None:
    bus = Bus(lambda entries: [data.draw(st.sampled_from(codes)) for _ in entries])
    events = [a_delivery(number) for number in range(data.draw(st.integers(0, 25)))]
    report = publisher(bus, attempts=3, base_seconds=0).publish(events)
    assert [each.event for each in report] == events
    assert [each.event.id for each in report.published] == [
        each.id for each in events if each.id in bus.arrived
    ]
    assert len(bus.arrived) == len(set(bus.arrived))


def test_key_gives_the_same_id_after_a_restart() -> None:
    fact = a_delivery().fact
    assert new_event(fact, subject="d", key="k").id == new_event(fact, subject="d", key="k").id
    assert new_event(fact, subject="d").id != new_event(fact, subject="d").id


@pytest.mark.parametrize("policy", [{"attempts": 0}, {"base_seconds": -1}, {"deadline_seconds": 0}])
def test_policy_that_sends_nothing_is_rejected(policy: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a retry policy needs"):
        RetryPolicy(**policy)
