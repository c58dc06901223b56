"""Definitions that are rejected when a state machine is created or changed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World

from pocketcloud.core.engine import UnsupportedOfflineError

Create = Callable[..., str]
END = {"End": True}
PASS = {"P": {"Type": "Pass", **END}}


@pytest.mark.parametrize(
    "definition",
    [
        "no JSON",
        "[]",
        '{"StartAt": "A", "States": {}}',
        '{"StartAt": "A", "States": {"A": {"Type": "Pass"}}}',
        '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}',
        '{"StartAt": "A", "States": {"A": {"Type": "Odd", "End": true}}}',
        '{"StartAt": "A", "States": {"A": {"Type": "Parallel", "End": true, "Branches": [{}]}}}',
        '{"StartAt": "A", "States": {"A": {"Type": "Parallel", "End": true}}}',
        '{"StartAt": "A", "States": {"A": {"Type": "Map", "End": true}}}',
        '{"StartAt": "A", "States": {"A": {"Type": "Task", "End": true}}}',
        '{"StartAt": "A", "States": {"A": {"Type": "Wait", "End": true}}}',
        '{"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": []}}}',
        '{"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [{"Variable": "$.a"}]}}}',
        '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "Next": "A"}}}',
        '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "Catch": [{"Next": "A"}]}}}',
        '{"StartAt": "A", "States": {"A": "Pass"}}',
    ],
)
def test_invalid_definition_is_rejected(world: World, definition: str) -> None:
    with pytest.raises(ClientError, match="InvalidDefinition"):
        world.cloud.client("stepfunctions").create_state_machine(
            name="m", definition=definition, roleArn=world.role()
        )


def task(resource: str, **more: Any) -> dict[str, Any]:
    return {"T": {"Type": "Task", "Resource": resource, **more, **END}}


@pytest.mark.parametrize(
    ("states", "reason"),
    [
        (task("arn:aws:states:::ecs:runTask.sync"), "T: the Resource arn:aws:states:::ecs:runTask.sync"),
        (task("arn:aws:states:::states:startExecution.sync"), "startExecution.sync"),
        (task("arn:aws:states:eu-west-1:123456789012:activity:a"), "activity:a"),
        (task("arn:aws:states:::aws-sdk:rekognition:detectFaces"), "rekognition"),
        (task("arn:aws:states:::sqs:sendMessage", Credentials={"RoleArn": "r"}), "the fields Credentials"),
        ({"P": {"Type": "Pass", "QueryLanguage": "JSONata", **END}}, "QueryLanguage JSONata"),
        ({"P": {"Type": "Pass", "Parameters": {"v.$": "$.a[*].b"}, **END}}, r"\[\*\]"),
        ({"P": {"Type": "Pass", "Parameters": {"v.$": "States.MathRandom(1, 2)"}, **END}}, "MathRandom"),
        ({"P": {"Type": "Pass", "InputPath": "$..a", **END}}, "InputPath: invalid JSON path"),
        (
            {"C": {"Type": "Choice", "Choices": [{"Variable": "$.a[*]", "IsNull": True, "Next": "C"}]}},
            r"Choices: .*\[\*\]",
        ),
        (
            {"C": {"Type": "Choice", "Choices": [{"Variable": "$.a", "Next": "C"}]}},
            "Choices: invalid rule",
        ),
        (
            {
                "M": {
                    "Type": "Map",
                    "ItemProcessor": {
                        "StartAt": "P",
                        "States": PASS,
                        "ProcessorConfig": {"Mode": "DISTRIBUTED"},
                    },
                    **END,
                }
            },
            "distributed Map states",
        ),
    ],
)
def test_unsupported_definition_is_rejected_by_name(
    create: Create, states: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UnsupportedOfflineError, match=f"state machine: not supported offline: .*{reason}"):
        create(states)


@pytest.mark.parametrize(
    ("top", "reason"),
    [
        ({"QueryLanguage": "JSONata"}, "QueryLanguage JSONata"),
        ({"Unknown": 1}, "the fields Unknown"),
    ],
)
def test_unsupported_field_is_rejected_by_name(world: World, top: dict[str, Any], reason: str) -> None:
    definition = json.dumps({"StartAt": "P", "States": PASS, **top})
    with pytest.raises(UnsupportedOfflineError, match=reason):
        world.cloud.client("stepfunctions").create_state_machine(
            name="m", definition=definition, roleArn=world.role()
        )


def test_unsupported_option_is_rejected_by_name(world: World, create: Create) -> None:
    with pytest.raises(UnsupportedOfflineError, match="not supported offline: publish"):
        create(PASS, publish=True)
    client, machine = world.cloud.client("stepfunctions"), create(PASS)
    with pytest.raises(UnsupportedOfflineError, match="versionDescription"):
        client.update_state_machine(stateMachineArn=machine, versionDescription="one")


def test_express_workflow_cannot_wait_for_a_token(create: Create) -> None:
    with pytest.raises(ClientError, match=r"InvalidDefinition.*Express"):
        create(task("arn:aws:states:::sqs:sendMessage.waitForTaskToken"), type="EXPRESS")
