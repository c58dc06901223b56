"""Resources of some types are cut out of a template, with those that refer to them."""

from typing import Any

import pytest

from deploy_check.cut_assembly import references, without_types

FUNCTION = {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}}}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {}}
ALIAS = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Function"}}}
ALARM = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Dimensions": [{"Value": {"Ref": "Function"}}]}}
DASHBOARD = {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"Body": {"Fn::Sub": "${Alarm.Arn} is on"}}}
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {}, "DependsOn": ["Function", "Role"]}
TEMPLATE: dict[str, Any] = {
    "Parameters": {"BootstrapVersion": {}},
    "Resources": {
        "Function": FUNCTION,
        "Role": ROLE,
        "Alias": ALIAS,
        "Alarm": ALARM,
        "Dashboard": DASHBOARD,
        "Queue": QUEUE,
    },
    "Outputs": {"Name": {"Value": {"Ref": "Alias"}}, "Url": {"Value": {"Ref": "Queue"}}},
}


def test_resources_go_with_what_refers_to_them() -> None:
    left = without_types(TEMPLATE, ("AWS::Lambda::",))
    assert left["Resources"].keys() == {"Role", "Queue"}
    assert left["Resources"]["Queue"]["DependsOn"] == ["Role"]
    assert left["Outputs"].keys() == {"Url"}
    assert left["Parameters"] == TEMPLATE["Parameters"]


def test_nothing_else_goes() -> None:
    left = without_types(TEMPLATE, ("AWS::CloudWatch::Dashboard",))
    assert left["Resources"].keys() == TEMPLATE["Resources"].keys() - {"Dashboard"}
    assert left["Outputs"] == TEMPLATE["Outputs"]


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ({"Ref": "Bus"}, ["Bus"]),
        ({"Fn::GetAtt": ["Bus", "Arn"]}, ["Bus"]),
        ({"Fn::GetAtt": "Bus.Arn"}, ["Bus"]),
        ({"Fn::Sub": "${Bus.Arn}/${Rule} and ${!Literal}"}, ["Bus", "Rule"]),
        ({"Fn::Sub": ["${Bus}-${name}", {"name": {"Ref": "Rule"}}]}, ["Bus", "name", "Rule"]),
        ({"Fn::Join": ["", ["a", {"Ref": "Bus"}]]}, ["Bus"]),
        ([{"Name": {"Ref": "Bus"}}, "Rule"], ["Bus"]),
        ("Bus", []),
    ],
)
def test_references_are_found_in_every_function(value: object, names: list[str]) -> None:
    assert list(references(value)) == names
