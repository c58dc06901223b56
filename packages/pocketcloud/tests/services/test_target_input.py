"""Input transformers give what localstack's suite recorded on AWS (2023 to 2025).

https://github.com/localstack/localstack/blob/8b9a79f05846/tests/aws/services/events/test_events_inputs.py
"""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World

from pocketcloud.core.delivery import DeliveryError
from pocketcloud.eventbridge.target_input import target_input

RULE = "arn:aws:events:eu-west-1:123456789012:rule/bus/name"
EVENT: dict[str, Any] = {
    "version": "0",
    "id": "1",
    "detail-type": "update",
    "source": "accounts",
    "account": "123456789012",
    "time": "2026-11-23T12:00:00Z",
    "region": "eu-west-1",
    "resources": [],
    "detail": {
        "payload": {"acc_id": "0a787ecb-4015", "sf_id": "baz"},
        "listsingle": ["HIGH"],
        "listmulti": ["ACTIVE", "INACTIVE"],
        "valid": True,
        "quoted": 'a "b"',
    },
}
PATHS = {
    "userId": "$.detail.payload.acc_id",
    "payload": "$.detail.payload",
    "empty": "$.detail.awsAccountId",
    "one": "$.detail.listsingle",
    "many": "$.detail.listmulti",
    "valid": "$.detail.valid",
    "quoted": "$.detail.quoted",
}
TEXTS = [
    ('"{[/starts <userId>"', '"{[/starts 0a787ecb-4015"'),
    ('"Payload of <payload> of <userId>"', '"Payload of {acc_id:0a787ecb-4015,sf_id:baz} of 0a787ecb-4015"'),
    ('"<one> one, <many> many"', '"[HIGH] one, [ACTIVE,INACTIVE] many"'),
    ('"<empty> nothing, <valid>!"', '" nothing, true!"'),
    ('"<one> first"\n"<userId> second"', '"[HIGH] first"\n"0a787ecb-4015 second"'),
    ('"<quoted>"', '"a \\"b\\""'),
    ('"<aws.events.rule-arn> <aws.events.rule-name>"', f'"{RULE} name"'),
]
OBJECTS = [
    ('{"id" : <userId>}', {"id": "0a787ecb-4015"}),
    ('{"id" : "<userId>"}', {"id": "0a787ecb-4015"}),
    (
        '{"ids": [<userId>, "x"], "path": "u/<userId>/<userId>"}',
        {"ids": ["0a787ecb-4015", "x"], "path": "u/0a787ecb-4015/0a787ecb-4015"},
    ),
    ('{"body": <payload>, "one": <one>}', {"body": EVENT["detail"]["payload"], "one": ["HIGH"]}),
    ('{"empty": <empty>, "quoted": "<quoted>"}', {"empty": "", "quoted": 'a "b"'}),
    ("<aws.events.event.json>", EVENT),
    (
        "<aws.events.event>",
        {**{k: v for k, v in EVENT.items() if k not in {"detail", "detail-type"}}, "detailType": "update"},
    ),
]


def transform(template: str) -> str:
    target = {"InputTransformer": {"InputPathsMap": PATHS, "InputTemplate": template}}
    return target_input(target, EVENT, json.dumps(EVENT), RULE)


@pytest.mark.parametrize(("template", "expected"), TEXTS)
def test_text_template_drops_inner_quotation_marks(template: str, expected: str) -> None:
    assert transform(template) == expected


@pytest.mark.parametrize(("template", "expected"), OBJECTS)
def test_json_template_takes_values_as_json(template: str, expected: object) -> None:
    assert json.loads(transform(template)) == expected


@pytest.mark.parametrize("template", ['{"a": "u/<payload>"}', '{"a": "<one>"}'])
def test_object_within_a_quoted_string_is_not_delivered(template: str) -> None:
    with pytest.raises(DeliveryError, match="not JSON"):
        transform(template)


TRANSFORMER = {"InputPathsMap": {"a": "$.detail"}, "InputTemplate": '"<a> <b>"'}
INVALID = [
    ({"InputTransformer": TRANSFORMER}, "InputTemplate for target 0 contains invalid placeholder b."),
    (
        {"InputTransformer": TRANSFORMER, "InputPath": "$.detail"},
        "Only one of Input, InputPath, or InputTransformer must be provided for target 0.",
    ),
]


@pytest.mark.parametrize(("target", "message"), INVALID)
def test_put_targets_rejects_the_input(world: World, target: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError) as error:
        world.rule("all", {"source": ["orders"]}, {"Arn": world.queue("q"), **target})
    assert error.value.response["Error"] == {"Code": "ValidationException", "Message": message}
