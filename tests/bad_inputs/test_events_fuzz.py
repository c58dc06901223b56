"""No message makes a handler raise, is lost, or changes a table if it is rejected."""

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_profile import examples
from jsonschema import Draft4Validator

from contract_files.examples import example_of
from functions.contracts.registry import ALL, FACTS
from functions.shared.contracts.codec import schema_of as urn_of
from functions.shared.contracts.envelope import event_id
from functions.shared.contracts.fact import Fact, PublishedFact
from functions.shared.runtime.clients import dynamodb, ses
from infrastructure.services import Service
from infrastructure.topology import SERVICES
from tests.bad_inputs.event_row import sns
from tests.contract.documents import documents, mutants, schema_of
from tests.now import NOW
from tests.unit.functions.account import ENVIRONMENT, client
from tests.unit.functions.aws_faults import recorded_calls
from tests.unit.functions.builders import CAUSE, BatchResponse, Context, a_batch, a_bus_event
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

EXAMPLES = examples(15)
TRIED = {"reaction_failed", "precondition_missing", "in_progress", "id_collision"}
"""Reasons that are known only once a reaction has looked at its tables; so are those it gives itself."""
OF_REACTIONS = {"duplicate_sku", "idempotency_key_reused", "event_too_large"}
WAITS = {"reaction_failed", "precondition_missing", "in_progress", "no_reaction"}
"""Reasons that only the last receive makes one: until then the message comes again."""
LAST = 5
ENDS = ("Handled", "Duplicate", "Ignored", "DeadLettered", "Retried", "NotDeadLettered", "AlreadyInProgress")


def envelope(fact: type[Fact], data: Any) -> dict[str, Any]:
    """Return a document with the data, published as the fact's owner does."""
    about = data.get(getattr(fact, "about", ""), "subject") if isinstance(data, dict) else "subject"
    decision = fact.decision if issubclass(fact, PublishedFact) else fact.__name__
    return {
        "specversion": "1.0",
        "id": event_id(fact.owner, str(about), decision),
        "source": fact.owner,
        "type": fact.__name__,
        "subject": about,
        "time": NOW.isoformat(),
        "dataschema": urn_of(fact),
        "correlationid": CAUSE.correlation_id,
        "causationid": CAUSE.id,
        "traceparent": CAUSE.traceparent,
        "data": data,
    }


def wrapped(document: dict[str, Any]) -> str:
    return json.dumps(a_bus_event(document))


def spoilt_text(body: str) -> st.SearchStrategy[str]:
    """The body cut, stuffed with junk, encoded once more, or in SNS's wrapping."""
    places = st.integers(0, len(body))
    junk = st.sampled_from(
        ['"', "{", "]", "\\ud800", "\\u0000", "é", "\u2028", "9" * 400, "[" * 2000, "NaN", ","]
    )
    return st.one_of(
        st.builds(lambda end: body[:end], places),
        st.builds(lambda at, text: body[:at] + text + body[at:], places, junk),
        st.just(json.dumps(body)),
        st.just(sns(body)),
        st.text(max_size=20),
    )


def facts_of(fact: type[Fact]) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(example_of(fact, full=True)), documents(schema_of(fact), schema_of(fact)))


@st.composite
def bodies(draw: st.DrawFn, service: Service) -> str:
    """Draw a message for the service's queue: mostly its facts, valid or corrupted at any depth."""
    consumed = [FACTS[name] for name in service.reacts_to]
    fact = draw(st.sampled_from(consumed) | st.sampled_from(ALL))
    sound = facts_of(fact)
    data = draw(st.one_of(sound, mutants(sound)))
    document = envelope(fact, data)
    kind = draw(st.sampled_from(["sound", "owner", "subject", "envelope", "wrapping", "text"]))
    match kind:
        case "owner":
            document["source"] = draw(st.sampled_from([each.owner for each in ALL]))
        case "subject":
            document["subject"] = draw(st.sampled_from(["", "x", "x" * 300, CAUSE.id]))
        case "envelope":
            return json.dumps(
                a_bus_event({"type": "x", "source": "x"}) | {"detail": draw(mutants(st.just(document)))}
            )
        case "wrapping":
            return json.dumps(draw(mutants(st.just(a_bus_event(document)))))
        case "text":
            return draw(spoilt_text(wrapped(document)))
    return wrapped(document)


@dataclass(frozen=True)
class Ended:
    """The outcome of a batch."""

    response: BatchResponse
    reasons: dict[str, str]
    """The reason of each message that was dead_lettered, by its id."""
    metrics: dict[str, float]
    calls: list[str]
    """To tables, and to the post."""


def deliver(handle: Callable[..., BatchResponse], batch: dict[str, Any], output: Output) -> Ended:
    output.forget()
    with recorded_calls(dynamodb()) as reads_and_writes, recorded_calls(ses()) as mails:
        response = handle(batch, Context())
    return Ended(response, dead_lettered_reasons(), output.metrics(), [*reads_and_writes, *mails])


def dead_lettered_reasons() -> dict[str, str]:
    """The reasons by message id; the queue is empty afterwards."""
    sqs, url = client("sqs"), ENVIRONMENT["DEAD_LETTER_QUEUE_URL"]
    response = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    reasons = {}
    for message in response.get("Messages", []):
        attributes = message["MessageAttributes"]
        reasons[attributes["message_id"]["StringValue"]] = attributes["reason"]["StringValue"]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return reasons


def is_sound(body: str) -> bool:
    """Whether the public schema allows what the message states; SNS's wrapping does not count."""
    message = json.loads(body)
    message = json.loads(message["Message"]) if "Message" in message else message
    fact = FACTS[message["detail"]["type"]]
    return bool(Draft4Validator(schema_of(fact)).is_valid(message["detail"]["data"]))


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_any_message_is_handled_ignored_retried_or_dead_lettered(service: Service, output: Output) -> None:
    handle = importlib.import_module(f"functions.{service.name}.handler").handle

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(st.lists(bodies(service), min_size=1, max_size=4), st.sampled_from([1, LAST]))
    def none_is_lost(messages: list[str], receive_count: int) -> None:
        ended = deliver(handle, a_batch(*messages, receive_count=receive_count), output)
        names = {f"message-{place}" for place in range(len(messages))}
        again = {failure["itemIdentifier"] for failure in ended.response["batchItemFailures"]}
        assert ended.reasons.keys() | again <= names
        assert not ended.reasons.keys() & again
        assert not (again if receive_count == LAST else WAITS & set(ended.reasons.values()))
        assert sum(ended.metrics.get(end, 0) for end in ENDS) == len(messages)
        done = sum(ended.metrics.get(end, 0) for end in ("Handled", "Duplicate", "Ignored"))
        assert done == len(names - again - ended.reasons.keys())

    none_is_lost()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_message_rejected_while_reading_makes_no_call(service: Service, output: Output) -> None:
    handle = importlib.import_module(f"functions.{service.name}.handler").handle

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(bodies(service))
    def only_sound_ones_count(body: str) -> None:
        ended = deliver(handle, a_batch(body), output)
        if "Ignored" in ended.metrics or set(ended.reasons.values()) - TRIED - OF_REACTIONS:
            assert ended.calls == []
        if {"Handled", "Duplicate"} & ended.metrics.keys():
            assert is_sound(body)

    only_sound_ones_count()
