"""State machines in templates: created, changed, replaced and deleted."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from changed_stack import Resources
from small_world import policy, trust

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import StackUpdateError

Deploy = Callable[..., tuple[str, ...]]
ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": trust("states.amazonaws.com"),
        "Policies": [{"PolicyName": "all", "PolicyDocument": json.loads(policy())}],
    },
}


def machine(result: str, **properties: Any) -> Resources:
    states = {"P": {"Type": "Pass", "Result": result, "End": True}}
    definition = {"Fn::Join": ["", ['{"StartAt":"P","States":', json.dumps(states), "}"]]}
    settings = {"RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "DefinitionString": definition, **properties}
    return {"Role": ROLE, "M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": settings}}


def outcome(cloud: OfflineCloud) -> Any:
    client = cloud.client("stepfunctions")
    (found,) = client.list_state_machines()["stateMachines"]
    started = client.start_execution(stateMachineArn=found["stateMachineArn"])["executionArn"]
    cloud.settle()
    return json.loads(client.describe_execution(executionArn=started)["output"])


def test_changed_machine_runs_its_new_definition(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(machine("one", StateMachineName="m", LoggingConfiguration={"Level": "ALL"}))
    assert outcome(cloud) == "one"
    changes = deploy(machine("two", StateMachineName="m", LoggingConfiguration={"Level": "ALL"}))
    assert changes == ("shop/M (AWS::StepFunctions::StateMachine) was updated",)
    assert outcome(cloud) == "two"
    changes = deploy(machine("two", StateMachineName="other"))
    assert "shop/M (AWS::StepFunctions::StateMachine) was replaced" in changes
    assert outcome(cloud) == "two"
    deploy({})
    assert cloud.client("stepfunctions").list_state_machines()["stateMachines"] == []


def test_substitutions_are_made_in_the_definition(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(machine("${Stage} of ${Other}", DefinitionSubstitutions={"Stage": "dev"}))
    assert outcome(cloud) == "dev of ${Other}"


def test_definition_may_be_an_object(cloud: OfflineCloud, deploy: Deploy) -> None:
    resources = machine("one")
    states = {"P": {"Type": "Pass", "Result": {"Ref": "AWS::Region"}, "End": True}}
    resources["M"]["Properties"] |= {"Definition": {"StartAt": "P", "States": states}}
    del resources["M"]["Properties"]["DefinitionString"]
    deploy(resources)
    assert outcome(cloud) == "eu-west-1"


def test_unsupported_state_stops_the_deployment(deploy: Deploy) -> None:
    deploy({})
    resources = machine("one")
    task = {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob", "End": True}
    resources["M"]["Properties"]["DefinitionString"] = json.dumps({"StartAt": "T", "States": {"T": task}})
    with pytest.raises(StackUpdateError, match=r"T: the Resource arn:aws:states:::batch:submitJob"):
        deploy(resources)
