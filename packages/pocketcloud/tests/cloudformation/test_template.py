"""Read a template: conditions, creation order and errors."""

from typing import Any

import pytest

from pocketcloud.cloudformation.errors import TemplateError
from pocketcloud.cloudformation.template import Template, read_template

PSEUDO = {"AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012"}
SSM = {"/bootstrap/version": "30"}


def read(**sections: Any) -> Template:
    return read_template("shop", sections, pseudo_parameters=PSEUDO, ssm_parameter=SSM.get)


def a_queue(*depends_on: str, **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties, "DependsOn": list(depends_on)}


def order(**resources: dict[str, Any]) -> list[str]:
    return [resource.logical_id for resource in read(Resources=resources).resources]


@pytest.mark.parametrize(
    "reference",
    [
        {"Ref": "Last"},
        {"Fn::GetAtt": ["Last", "Arn"]},
        {"Fn::GetAtt": "Last.Arn"},
        {"Fn::Sub": "x-${Last}"},
        {"Fn::Sub": "x-${Last.Arn}"},
        {"Fn::Sub": ["x-${it}", {"it": {"Ref": "Last"}}]},
        {"Fn::Join": ["-", ["x", {"Ref": "Last"}]]},
        [{"deep": {"down": {"Fn::Select": [0, {"Fn::Split": ["/", {"Ref": "Last"}]}]}}}],
    ],
)
def test_resource_is_created_after_its_references(reference: object) -> None:
    assert order(First=a_queue(QueueName=reference), Last=a_queue()) == ["Last", "First"]


@pytest.mark.parametrize("depends_on", ["Last", ["Last"]])
def test_resource_is_created_after_its_dependencies(depends_on: list[str] | str) -> None:
    assert order(First={**a_queue(), "DependsOn": depends_on}, Last=a_queue()) == ["Last", "First"]


def test_literal_in_a_sub_is_not_a_reference() -> None:
    assert order(Only=a_queue(QueueName={"Fn::Sub": "${!Last}"})) == ["Only"]


def test_circular_reference_is_rejected_with_its_members() -> None:
    resources = {"A": a_queue(QueueName={"Ref": "B"}), "B": a_queue("A")}
    with pytest.raises(TemplateError, match=r"shop: circular dependency: (A -> B -> A|B -> A -> B)"):
        read(Resources=resources)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"Ref": "Gone"}, r"shop/Q\.QueueName: .*'Gone'"),
        ({"Fn::GetAtt": ["Gone", "Arn"]}, r"shop/Q\.QueueName: .*'Gone'"),
        ({"Fn::Sub": "${Gone}"}, r"shop/Q\.QueueName: .*'Gone'"),
        ([{"a": {"Ref": "Gone"}}], r"shop/Q\.QueueName\[0\]\.a: .*'Gone'"),
        ({"Fn::Cidr": ["10.0.0.0/8", 1]}, r"shop/Q\.QueueName: unknown or malformed.*Fn::Cidr"),
        ({"Fn::FindInMap": ["a", "b", "c"]}, r"shop/Q\.QueueName: the mappings have no \['a', 'b', 'c'\]"),
        ({"Fn::Transform": {"Name": "AWS::Include"}}, r"unknown or malformed.*Fn::Transform"),
        ({"Ref": "AWS::Region", "Fn::Sub": "x"}, r"unknown or malformed"),
        ({"Fn::GetAtt": ["Q"]}, r"shop/Q\.QueueName: Fn::GetAtt takes"),
        ({"Fn::Sub": ["x"]}, r"shop/Q\.QueueName: Fn::Sub takes"),
        ("{{resolve:ssm:/name}}", r"shop/Q\.QueueName: only dynamic references"),
        ({"Fn::Sub": "{{resolve:ssm:/${AWS::Region}}}"}, r"shop/Q\.QueueName: only dynamic references"),
    ],
)
def test_unresolvable_reference_is_rejected_with_its_place(value: object, problem: str) -> None:
    with pytest.raises(TemplateError, match=problem):
        order(Q=a_queue(QueueName=value))


def test_output_is_rejected_when_its_reference_is_missing() -> None:
    with pytest.raises(TemplateError, match=r"shop/Outputs\.Url.*'Gone'"):
        read(Resources={}, Outputs={"Url": {"Value": {"Ref": "Gone"}}})


def test_dependency_on_a_missing_resource_is_rejected() -> None:
    with pytest.raises(TemplateError, match=r"shop/Q\.DependsOn.*'Gone'"):
        order(Q=a_queue("Gone"))


CONDITIONS: dict[str, Any] = {
    "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
    "Elsewhere": {"Fn::Not": [{"Condition": "Here"}]},
    "Both": {"Fn::And": [{"Condition": "Here"}, {"Condition": "Elsewhere"}]},
    "Either": {"Fn::Or": [{"Condition": "Elsewhere"}, {"Condition": "Here"}]},
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("Here", ["Q"]), ("Elsewhere", []), ("Both", []), ("Either", ["Q"])],
)
def test_resource_exists_only_when_its_condition_is_true(condition: str, expected: list[str]) -> None:
    template = read(Conditions=CONDITIONS, Resources={"Q": {**a_queue(), "Condition": condition}})
    assert [resource.logical_id for resource in template.resources] == expected


def test_output_exists_only_when_its_condition_is_true() -> None:
    outputs = {name: {"Value": "x", "Condition": name} for name in ("Here", "Elsewhere")}
    template = read(Conditions=CONDITIONS, Resources={}, Outputs=outputs)
    assert [output.name for output in template.outputs] == ["Here"]


def test_if_selects_a_branch_and_no_value_removes_it() -> None:
    properties = {
        "QueueName": {"Fn::If": ["Here", "near", "far"]},
        "DelaySeconds": {"Fn::If": ["Elsewhere", 5, {"Ref": "AWS::NoValue"}]},
        "Tags": ["a", {"Fn::If": ["Here", {"Ref": "AWS::NoValue"}, "b"]}],
    }
    (queue,) = read(Conditions=CONDITIONS, Resources={"Q": a_queue(**properties)}).resources
    assert queue.properties == {"QueueName": "near", "Tags": ["a"]}


def test_unselected_branch_may_refer_to_a_missing_resource() -> None:
    resources = {
        "Far": {**a_queue(), "Condition": "Elsewhere"},
        "Q": a_queue(QueueName={"Fn::If": ["Elsewhere", {"Ref": "Far"}, "near"]}),
    }
    (queue,) = read(Conditions=CONDITIONS, Resources=resources).resources
    assert queue.properties == {"QueueName": "near"}


@pytest.mark.parametrize(
    ("conditions", "problem"),
    [
        ({"A": {"Condition": "A"}}, r"shop/Conditions\.A: the condition depends on itself"),
        ({"A": {"Condition": "Gone"}}, r"shop/Conditions\.A: there is no condition 'Gone'"),
        ({"A": {"Fn::Contains": [["x"], "x"]}}, r"shop/Conditions\.A: not a condition"),
        ({"A": {"Fn::Equals": ["x"]}}, r"shop/Conditions\.A: not a condition"),
        ({"A": {"Fn::Equals": ["x", {"Ref": "Queue"}]}}, r"shop/Conditions\.A: conditions compare only"),
    ],
)
def test_invalid_condition_is_rejected(conditions: object, problem: str) -> None:
    with pytest.raises(TemplateError, match=problem):
        read(Conditions=conditions, Resources={})


@pytest.mark.parametrize(
    ("if_", "problem"),
    [(["Gone", 1, 2], "there is no condition 'Gone'"), (["Here", 1], "Fn::If takes a condition")],
)
def test_malformed_if_is_rejected_with_its_place(if_: object, problem: str) -> None:
    with pytest.raises(TemplateError, match=rf"shop/Q\.DelaySeconds: {problem}"):
        read(Conditions=CONDITIONS, Resources={"Q": a_queue(DelaySeconds={"Fn::If": if_})})


def test_parameters_have_their_default_or_stored_value() -> None:
    template = read(
        Parameters={
            "Size": {"Type": "Number", "Default": 5},
            "Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/bootstrap/version"},
        }
    )
    assert template.parameters == {"Size": "5", "Version": "30"}


@pytest.mark.parametrize(
    ("parameter", "problem"),
    [
        ({"Type": "String"}, "has no default"),
        ({"Type": "CommaDelimitedList", "Default": "a,b"}, "'CommaDelimitedList' are not supported"),
        ({"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/gone"}, "no SSM parameter /gone"),
    ],
)
def test_parameter_without_a_value_is_rejected(parameter: object, problem: str) -> None:
    with pytest.raises(TemplateError, match=rf"shop/Parameters\.P: .*{problem}"):
        read(Parameters={"P": parameter})


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ({"Transform": "AWS::Serverless-2016-10-31"}, "shop: not supported offline: Transform"),
        ({"Rules": {"Mine": {}}}, "shop/Rules: not supported offline: Mine"),
        ({"Resources": {"Q": {**a_queue(), "CreationPolicy": {}}}}, "shop/Q: .*CreationPolicy"),
    ],
)
def test_unsupported_sections_and_attributes_are_rejected(sections: dict[str, Any], problem: str) -> None:
    with pytest.raises(TemplateError, match=problem):
        read(**sections)


def test_mappings_are_looked_up_by_parameter_and_region() -> None:
    sections: dict[str, Any] = {
        "Parameters": {"Size": {"Type": "String", "Default": "big"}},
        "Mappings": {"Names": {"eu-west-1": {"big": "b", "small": "s"}}, "Sizes": {"big": {"next": "small"}}},
        "Conditions": {"IsBig": {"Fn::Equals": [{"Fn::FindInMap": ["Sizes", "big", "next"]}, "small"]}},
    }
    smaller = {"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, "next"]}
    name = {"Fn::FindInMap": ["Names", {"Ref": "AWS::Region"}, smaller]}
    chosen = {"Fn::If": ["IsBig", name, "other"]}
    (found,) = read(**sections, Resources={"Q": a_queue(QueueName=chosen)}).resources
    assert found.properties == {"QueueName": "s"}


@pytest.mark.parametrize(
    "argument", ["Names", ["Names", "eu"], ["Names", "eu", {"Ref": "Other"}], [[], "a", "b"]]
)
def test_malformed_lookup_is_rejected_with_its_place(argument: object) -> None:
    queue = a_queue(QueueName={"Fn::FindInMap": argument})
    with pytest.raises(TemplateError, match=r"shop/Q\.QueueName: "):
        read(Mappings={"Names": {"eu": {}}}, Resources={"Q": queue})
