"""Evaluate intrinsic functions."""

import pytest

from pocketcloud.cloudformation.errors import TemplateError
from pocketcloud.cloudformation.resolution import Scope, resolve

SCOPE = Scope(
    refs={"AWS::Region": "eu-west-1", "Queue": "https://sqs/jobs", "Names": ["a", "b"]},
    attributes={"Queue": {"Arn": "arn:aws:sqs:eu-west-1:123456789012:jobs", "Nested.Name": "deep"}},
    exports={"shared-bus": "bus-1"},
    stack_outputs={"platform": {"Bus": "bus-2"}},
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ({"a": [1, True, None]}, {"a": [1, True, None]}),
        ({"Ref": "Queue"}, "https://sqs/jobs"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "arn:aws:sqs:eu-west-1:123456789012:jobs"),
        ({"Fn::GetAtt": "Queue.Nested.Name"}, "deep"),
        ({"Fn::Join": ["/", ["x", {"Ref": "AWS::Region"}, 5]]}, "x/eu-west-1/5"),
        ({"Fn::Join": ["+", {"Ref": "Names"}]}, "a+b"),
        ({"Fn::Select": [1, {"Ref": "Names"}]}, "b"),
        ({"Fn::Select": ["5", {"Fn::Split": [":", {"Fn::GetAtt": ["Queue", "Arn"]}]}]}, "jobs"),
        ({"Fn::Sub": "in ${AWS::Region}, not ${!here}"}, "in eu-west-1, not ${here}"),
        ({"Fn::Sub": "${Queue.Arn}"}, "arn:aws:sqs:eu-west-1:123456789012:jobs"),
        ({"Fn::Sub": ["${x}-${Queue}", {"x": {"Ref": "AWS::Region"}}]}, "eu-west-1-https://sqs/jobs"),
        ({"Fn::ImportValue": {"Fn::Sub": "shared-bus"}}, "bus-1"),
        ({"Fn::GetStackOutput": {"StackName": "platform", "OutputName": "Bus"}}, "bus-2"),
        (
            {"Fn::GetStackOutput": {"StackName": "platform", "OutputName": "Bus", "Region": "eu-west-1"}},
            "bus-2",
        ),
    ],
)
def test_intrinsic_function_is_replaced_by_its_result(value: object, expected: object) -> None:
    assert resolve(value, SCOPE, "shop/Q") == expected


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"Ref": "Gone"}, "unknown reference 'Gone'"),
        ({"Fn::GetAtt": ["Queue", "Colour"]}, "'Queue' has no attribute 'Colour' offline"),
        ({"Fn::GetAtt": ["Gone", "Arn"]}, "'Gone' has no attributes"),
        ({"Fn::Sub": "${Queue.Colour}"}, "'Queue' has no attribute 'Colour' offline"),
        ({"Fn::Join": ["/"]}, "Fn::Join takes"),
        ({"Fn::Join": ["/", "abc"]}, "not a list"),
        ({"Fn::Select": [2, {"Ref": "Names"}]}, "Fn::Select takes an index within"),
        ({"Fn::Select": ["x", ["a"]]}, "Fn::Select takes an index within"),
        ({"Fn::Split": ["", "abc"]}, "Fn::Split takes"),
        ({"Fn::ImportValue": "gone"}, "no stack deployed before this one exports 'gone'"),
        ({"Fn::GetStackOutput": {"StackName": "gone", "OutputName": "Bus"}}, "no stack 'gone'"),
        ({"Fn::GetStackOutput": {"StackName": "platform", "OutputName": "x"}}, "has no output 'x'"),
        ({"Fn::GetStackOutput": {"StackName": "platform", "RoleArn": "x"}}, "Fn::GetStackOutput takes"),
        (
            {"Fn::GetStackOutput": {"StackName": "platform", "OutputName": "Bus", "Region": "us-east-1"}},
            "only one region",
        ),
    ],
)
def test_unknown_name_is_rejected_with_its_place(value: object, problem: str) -> None:
    with pytest.raises(TemplateError, match=rf"^shop/Q\.Name\[0\]: .*{problem}"):
        resolve({"Name": [value]}, SCOPE, "shop/Q")
