"""The ordered stream in the templates: only where the setting is, and with the fewest permissions."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.conftest import LABEL
from tests.infrastructure.graph import Graph

STREAM = "orderbus-dev-events"


def resources(assembly: Path, kind: str) -> list[dict[str, Any]]:
    documents = [json.loads(path.read_text()) for path in assembly.glob("*.template.json")]
    found = [each for document in documents for each in document["Resources"].values()]
    return [each["Properties"] for each in found if each["Type"] == kind]


def actions_on_streams(assembly: Path) -> dict[str, list[str]]:
    """Return the Kinesis actions that policies allow, by the policy's first role or its name."""
    found: dict[str, list[str]] = {}
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for policy in resources(assembly, kind):
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = statement["Action"]
                listed = [actions] if isinstance(actions, str) else actions
                if kinesis := [each for each in listed if each.startswith("kinesis:")]:
                    assert STREAM in json.dumps(statement["Resource"]) or "OrderedEvents" in json.dumps(
                        statement["Resource"]
                    )
                    name = policy.get("ManagedPolicyName") or json.dumps(policy["Roles"][0])
                    found.setdefault(name, []).extend(kinesis)
    return found


@pytest.fixture
def streaming(chosen: Graph) -> Path:
    return chosen.assembly


def test_readers_of_a_restored_table_follow_its_new_stream(streaming: Path) -> None:
    mappings = resources(streaming, "AWS::Lambda::EventSourceMapping")
    streams = [mapping["EventSourceArn"] for mapping in mappings if LABEL in json.dumps(mapping)]
    assert len(streams) == 3
    assert all(stream["Fn::Join"][1][1] == f"/stream/{LABEL}" for stream in streams)
    statements = json.dumps(resources(streaming, "AWS::IAM::Policy"))
    assert statements.count(f"/stream/{LABEL}") == 3


def test_stage_has_no_stream_without_the_setting(dev: Graph) -> None:
    assert resources(dev.assembly, "AWS::Kinesis::Stream") == []
    assert not list(dev.assembly.glob("*analytics*"))


def test_stream_has_the_mode_and_retention_of_the_setting(streaming: Path) -> None:
    (stream,) = resources(streaming, "AWS::Kinesis::Stream")
    assert stream["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    assert (stream["Name"], stream["RetentionPeriodHours"]) == (STREAM, 168)
    assert stream["StreamEncryption"]["EncryptionType"] == "KMS"


def test_each_role_may_only_put_or_only_read(streaming: Path) -> None:
    allowed = actions_on_streams(streaming)
    writers = [actions for actions in allowed.values() if any("Put" in action for action in actions)]
    assert writers == [["kinesis:PutRecords"]]
    readers = [actions for actions in allowed.values() if actions not in writers]
    assert len(readers) == 3
    assert ["kinesis:ListShards"] in readers  # GET /analytics reads no event
    assert all("Put" not in action for actions in readers for action in actions)
