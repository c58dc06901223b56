"""Stacks with a REST API, whose function returns its event, for tests."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from changed_stack import Resources, function

from pocketcloud import OfflineCloud

ECHO = """
import json
def handle(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"""
PROXY = {
    "Type": "AWS_PROXY",
    "IntegrationHttpMethod": "POST",
    "Uri": {
        "Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"
    },
}
API = {"Ref": "Api"}


def part(kind: str, depends: list[str] | None = None, **properties: Any) -> Resources:
    """Return a resource of API Gateway."""
    more = {"DependsOn": depends} if depends else {}
    return {"Type": f"AWS::ApiGateway::{kind}", "Properties": properties, **more}


def permission(**more: Any) -> Resources:
    properties = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Ref": "F"},
        "Principal": "apigateway.amazonaws.com",
        **more,
    }
    return {"Type": "AWS::Lambda::Permission", "Properties": properties}


def rest_stack(  # noqa: PLR0913 - all by name, each with a default
    methods: Mapping[str, Mapping[str, Any]],
    *,
    source: str = ECHO,
    api: Mapping[str, Any] | None = None,
    stage: Mapping[str, Any] | None = None,
    deployment: str = "One",
    others: Resources | None = None,
) -> Resources:
    """Return a REST API with these methods, such as `GET /items/{id}`, served by the stage `prod`."""
    resources: Resources = {"Api": part("RestApi", **{"Name": "shop", **(api or {})})}
    names: list[str] = []
    for key, settings in methods.items():
        verb, _, path = key.partition(" ")
        name = f"{verb}{len(names)}"
        names.append(name)
        given = {"AuthorizationType": "NONE", "Integration": PROXY, **settings}
        place = _resource(resources, path)
        resources[name] = part("Method", RestApiId=API, ResourceId=place, HttpMethod=verb, **given)
    dependencies = [*names, *(name for name in others or {} if name.startswith("Response"))]
    resources[f"Deployment{deployment}"] = part("Deployment", dependencies, RestApiId=API)
    served = {"DeploymentId": {"Ref": f"Deployment{deployment}"}, "StageName": "prod", **(stage or {})}
    resources["Stage"] = part("Stage", RestApiId=API, **served)
    code = function(Code={"ZipFile": source})
    return {**code, **resources, "Permission": permission(), **(others or {})}


def _resource(resources: Resources, path: str) -> Any:
    """Add the resources of a path; return a reference to the last one."""
    parent: Any = {"Fn::GetAtt": ["Api", "RootResourceId"]}
    done = ""
    for segment in filter(None, path.split("/")):
        done += segment
        name = "Path" + "".join(each for each in done if each.isalnum())
        given = {"RestApiId": API, "ParentId": parent, "PathPart": segment}
        resources.setdefault(name, part("Resource", **given))
        parent = {"Ref": name}
    return parent


def deploy(cloud: OfflineCloud, folder: Path, resources: Resources) -> tuple[str, ...]:
    """Deploy the stack `shop` with these resources, the first time or again."""
    (folder / "shop.template.json").write_text(json.dumps({"Resources": resources}))
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": "shop.template.json"},
    }
    manifest = {"version": "55.0.0", "artifacts": {"shop": artifact}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return cloud.deploy(folder)
