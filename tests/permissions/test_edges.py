"""Services get in where they must, for the right resource, and nobody else does."""

import json

from pocketcloud import OfflineCloud
from tests.permissions.edges import edges, holes
from tests.workflow.shop import PREFIX


def test_every_edge_admits_only_its_own_source(deployed: OfflineCloud) -> None:
    assert len(edges(deployed)) > 80
    assert holes(deployed) == []


def test_check_fails_when_a_queue_admits_anybody(deployed: OfflineCloud) -> None:
    sqs = deployed.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{PREFIX}-shipping")["QueueUrl"]
    kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    anybody = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    opened = {"Statement": [*json.loads(kept)["Statement"], anybody]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(opened)})
    try:
        found = holes(deployed)
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": kept})
    assert {hole.rpartition(" lets in ")[2] for hole in found} == {
        "another resource",
        "another account",
        "another service",
    }
    assert all(f":{PREFIX}-shipping'" in hole for hole in found)


def test_check_fails_when_a_queue_admits_no_source(deployed: OfflineCloud) -> None:
    sqs = deployed.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{PREFIX}-fraud-dlq")["QueueUrl"]
    kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    closed = {"Statement": json.loads(kept)["Statement"][:1]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(closed)})
    try:
        found = holes(deployed)
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": kept})
    assert found
    assert all(hole.endswith(" is refused") for hole in found)
