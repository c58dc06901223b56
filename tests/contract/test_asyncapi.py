"""The AsyncAPI document is current, valid, and says what the template deploys."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from asyncapi.document import PATH, document, text
from asyncapi.schema_files import schema_files
from infrastructure.topology import FACTS, SERVICES

ROOT = Path(__file__).parents[2]
OFFICIAL = ROOT / "node_modules/@asyncapi/specs/schemas/3.1.0-without-$id.json"
DOCUMENT = document()
TEMPLATES = sorted((ROOT / "cdk.out").glob("*.template.json"))


def references(part: Any) -> Iterator[str]:
    """Yield every reference of the document."""
    if isinstance(part, dict):
        yield from ([part["$ref"]] if isinstance(part.get("$ref"), str) else [])
        yield from (found for value in part.values() for found in references(value))
    elif isinstance(part, list):
        yield from (found for value in part for found in references(value))


def resolved(reference: str) -> Any:
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_document_is_current() -> None:
    assert PATH.read_text() == text(), "run `make contracts`"


def test_document_conforms_to_the_official_schema() -> None:
    errors = Draft7Validator(json.loads(OFFICIAL.read_text())).iter_errors(DOCUMENT)
    assert [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in errors] == []


def test_official_schema_rejects_a_wrong_document() -> None:
    wrong = {**DOCUMENT, "operations": {"a": {"action": "publish", "channel": {"$ref": "#/channels/a"}}}}
    assert not Draft7Validator(json.loads(OFFICIAL.read_text())).is_valid(wrong)


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    assert len(found) > 60
    assert all(resolved(reference) is not None for reference in found)


def test_older_versions_have_their_last_day() -> None:
    found = {
        name: message["x-published-until"]
        for name, message in DOCUMENT["components"]["messages"].items()
        if "x-published-until" in message
    }
    assert found == {
        f"{fact.name}.v{major}": day for fact in FACTS for major, day in fact.older_until.items()
    }


@pytest.mark.parametrize("name", DOCUMENT["components"]["messages"])
def test_example_conforms_to_its_message(name: str) -> None:
    message = DOCUMENT["components"]["messages"][name]
    schema = {**message["payload"], "components": DOCUMENT["components"]}
    for example in message["examples"]:
        Draft7Validator(schema).validate(example["payload"])
        assert not Draft7Validator(schema).is_valid({**example["payload"], "data": {}})


def test_document_has_every_fact_version_and_consumer() -> None:
    assert set(DOCUMENT["components"]["messages"]) == {file.name for file in schema_files()}
    consumers = {f"{service.name}-queue" for service in SERVICES if service.reacts_to}
    assert set(DOCUMENT["channels"]) == {fact.name for fact in FACTS} | consumers
    actions = [operation["action"] for operation in DOCUMENT["operations"].values()]
    assert (actions.count("send"), actions.count("receive")) == (len(FACTS), len(consumers))


def deployed(kind: str) -> Iterator[dict[str, Any]]:
    for path in TEMPLATES:
        for resource in json.loads(path.read_text())["Resources"].values():
            if resource["Type"] == kind:
                yield resource["Properties"]


def test_bindings_equal_the_template() -> None:
    queues = {each["QueueName"]: each for each in deployed("AWS::SQS::Queue")}
    topics = {each["TopicName"] for each in deployed("AWS::SNS::Topic") if "TopicName" in each}
    for channel in DOCUMENT["channels"].values():
        bindings = json.loads(json.dumps(channel.get("bindings", {})).replace("{stage}", "dev"))
        if "sns" in bindings:
            assert bindings["sns"]["name"] in topics
        if "sqs" in bindings:
            described = bindings["sqs"]["queue"]
            queue = queues[described["name"]]
            waits = {
                f"orderbus-dev-{each.name}" for each in SERVICES if each.reacts_to and each.queue.may_wait
            }
            assert ("visibilityTimeout" in described) != (described["name"] in waits)
            assert queue["VisibilityTimeout"] == described.get(
                "visibilityTimeout", queue["VisibilityTimeout"]
            )
            count = described["redrivePolicy"]["maxReceiveCount"]
            assert queue["RedrivePolicy"]["maxReceiveCount"] == count
            assert bindings["sqs"]["deadLetterQueue"]["name"] in queues
