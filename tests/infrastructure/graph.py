"""The synthesized templates as one graph: references are resolved as in one account and region."""

import json
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "123456789012",
    "AWS::URLSuffix": "amazonaws.com",
}
NAMES = {
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SecretsManager::Secret": "Name",
}


def arn(service: str, resource: str) -> str:
    """An ARN in the graph's account and region."""
    return f"arn:aws:{service}:eu-west-1:123456789012:{resource}"


ATTRIBUTES = {
    ("SQS::Queue", "Arn"): arn("sqs", "{QueueName}"),
    ("SQS::Queue", "QueueName"): "{QueueName}",
    ("SNS::Topic", "Arn"): arn("sns", "{TopicName}"),
    ("SNS::Topic", "TopicName"): "{TopicName}",
    ("DynamoDB::Table", "Arn"): arn("dynamodb", "table/{TableName}"),
    ("DynamoDB::Table", "StreamArn"): arn("dynamodb", "table/{TableName}/stream/label"),
    ("Events::EventBus", "Arn"): arn("events", "event-bus/{Name}"),
    ("Events::Connection", "Arn"): arn("events", "connection/{Name}/id"),
    ("Events::ApiDestination", "Arn"): arn("events", "api-destination/{Name}/id"),
    ("Events::Rule", "Arn"): arn("events", "rule/{EventBusName}/{Name}"),
    ("Kinesis::Stream", "Arn"): arn("kinesis", "stream/{Name}"),
    ("Lambda::Function", "Arn"): arn("lambda", "function:{FunctionName}"),
    ("Lambda::Version", "Version"): "1",
    ("CloudWatch::CompositeAlarm", "Arn"): arn("cloudwatch", "alarm:{AlarmName}"),
    ("Logs::LogGroup", "Arn"): arn("logs", "log-group:{LogGroupName}:*"),
    ("EventSchemas::Registry", "RegistryName"): "{RegistryName}",
    ("ApiGatewayV2::Api", "ApiEndpoint"): "https://{Name}.example",
}
"""The values of `Fn::GetAtt`, from the resource's properties."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of one stack, its properties resolved."""

    stack: str
    logical_id: str
    type: str
    properties: Mapping[str, Any]
    deletion_policy: str | None
    path: str
    """The path of its construct, if the template has it."""

    @property
    def name(self) -> str:
        return str(self.properties[NAMES[self.type]])


class Graph:
    """Every resource of every stack."""

    def __init__(self, assembly: Path, *, templates: Mapping[str, dict[str, Any]] | None = None) -> None:
        """Read the assembly's templates, or use these instead."""
        self.assembly = assembly
        self.templates = read(assembly) if templates is None else dict(templates)
        self.resources = [
            each for stack, template in self.templates.items() for each in _resources(stack, template)
        ]

    def with_template(self, stack: str, template: dict[str, Any]) -> Self:
        """Return the graph with another template of one stack."""
        changed = copy(self)
        changed.templates = {**self.templates, stack: template}
        others = [each for each in self.resources if each.stack != stack]
        changed.resources = [*others, *_resources(stack, template)]
        return changed

    def any_of(self, kind: str) -> list[Resource]:
        """The resources of a type, possibly none."""
        return [each for each in self.resources if each.type == f"AWS::{kind}"]

    def of(self, kind: str, *, stack: str | None = None) -> list[Resource]:
        """The resources of a type (`SQS::Queue`), of one stack if it is named; at least one."""
        found = [each for each in self.any_of(kind) if stack in {None, each.stack}]
        assert found, f"no AWS::{kind} in {stack or 'any stack'}"
        return found

    def named(self, kind: str, name: str) -> Resource:
        """The one resource of that type and name."""
        (found,) = [each for each in self.of(kind) if each.name == name]
        return found

    def statements(self, kind: str, target: str) -> list[dict[str, Any]]:
        """The statements of a type's resource policies on a target's ARN."""
        documents = [each.properties["PolicyDocument"]["Statement"] for each in self.of(kind)]
        return [line for document in documents for line in document if line["Resource"] == target]

    def roles(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each statement of each function's role, with the function's name."""
        for policy in self.of("IAM::Policy"):
            (role,) = policy.properties["Roles"]
            owners = [
                function.name
                for function in self.any_of("Lambda::Function")
                if function.stack == policy.stack and function.properties["Role"].endswith(f"/{role}")
            ]
            for line in policy.properties["PolicyDocument"]["Statement"]:
                yield from ((owner, line) for owner in owners)

    def alias(self, invoked: str) -> Resource:
        """The alias of an ARN or of `name:alias`."""
        name, alias = invoked.split(":")[-2:]
        (found,) = [
            each
            for each in self.of("Lambda::Alias")
            if (each.properties["FunctionName"], each.properties["Name"]) == (name, alias)
        ]
        return found


def _resources(stack: str, template: dict[str, Any]) -> list[Resource]:
    return [
        Resource(
            stack,
            logical_id,
            raw["Type"],
            _Stack(template).properties(logical_id),
            _policy(raw),
            raw.get("Metadata", {}).get("aws:cdk:path", ""),
        )
        for logical_id, raw in template["Resources"].items()
    ]


def read(assembly: Path) -> dict[str, dict[str, Any]]:
    """The templates of an assembly, each under its stack's name."""
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text())
        for path in sorted(assembly.glob("*.template.json"))
    }


def every(value: str | list[str]) -> list[str]:
    """IAM writes a single value without its list."""
    return [value] if isinstance(value, str) else value


def _policy(raw: dict[str, Any]) -> str | None:
    policy = raw.get("DeletionPolicy")
    return None if policy is None else str(policy)


class _Stack:
    """Resolves the references of one template; one that leaves the stack is a KeyError."""

    def __init__(self, template: dict[str, Any]) -> None:
        self._resources = template["Resources"]

    def properties(self, logical_id: str) -> dict[str, Any]:
        return {
            key: self._value(value)
            for key, value in self._resources[logical_id].get("Properties", {}).items()
        }

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(each) for each in value]
        return self._resolved(value) if isinstance(value, dict) else value

    def _resolved(self, value: dict[str, Any]) -> Any:
        match value:
            case {"Ref": name}:
                return PSEUDO.get(name) or self._reference(name)
            case {"Fn::GetAtt": [name, attribute]}:
                return self._attribute(name, attribute)
            case {"Fn::Join": [separator, parts]}:
                return separator.join(self._value(part) for part in parts)
            case {"Fn::Select": [index, parts]}:
                return self._value(parts)[index]
            case {"Fn::Split": [separator, text]}:
                return self._value(text).split(separator)
        return {key: self._value(each) for key, each in value.items()}

    def _reference(self, logical_id: str) -> str:
        kind = self._resources[logical_id]["Type"]
        if kind == "AWS::SNS::Topic":
            return self._attribute(logical_id, "Arn")
        if kind == "AWS::Lambda::Alias":
            alias = self.properties(logical_id)
            return arn("lambda", f"function:{alias['FunctionName']}:{alias['Name']}")
        if kind == "AWS::SQS::Queue":
            return f"https://sqs.eu-west-1.amazonaws.com/123456789012/{self._name(logical_id)}"
        return self._name(logical_id) if kind in NAMES else logical_id

    def _name(self, logical_id: str) -> str:
        resource = self._resources[logical_id]
        return str(self._value(resource["Properties"][NAMES[resource["Type"]]]))

    def _attribute(self, logical_id: str, attribute: str) -> str:
        resource = self._resources[logical_id]
        if resource["Type"] == "AWS::IAM::Role":
            return f"arn:aws:iam::123456789012:role/{logical_id}"
        form = ATTRIBUTES[resource["Type"].removeprefix("AWS::"), attribute]
        properties = {key: self._value(value) for key, value in resource["Properties"].items()}
        if "ScheduleExpression" in properties:  # a rule of the default bus, which is not in its ARN
            return arn("events", f"rule/{properties['Name']}")
        return form.format_map(properties)
