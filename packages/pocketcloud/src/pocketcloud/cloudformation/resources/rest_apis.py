"""Create, change and delete REST APIs, their resources, deployments and stages in moto's store."""

from collections.abc import Callable
from typing import Any

from moto.apigateway.models import Deployment, RestAPI, Stage, apigateway_backends
from moto.apigateway.utils import ApigwDeploymentIdentifier

from pocketcloud.apigateway.rest_deployment import take_snapshot
from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.account import TargetAccount
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest

_GREEDY_END = "+}"
_new_deployment: Callable[[str, str, str], Deployment] = Deployment
"""Abstract only for moto's own CloudFormation."""


def rest_api(account: TargetAccount, api_id: str) -> RestAPI:
    """Return a REST API; raise ResourceError if there is none."""
    api = apigateway_backends[account.id][account.region].apis.get(api_id)
    if api is None:
        raise ResourceError(f"RestApiId: there is no REST API {api_id}")
    return api


def api_of(request: CreateRequest | Existing) -> RestAPI:
    """Return the REST API that the resource belongs to."""
    return rest_api(request.account, request.properties["RestApiId"])


def create_api(request: CreateRequest) -> Created:
    """Create a REST API, which has only its root resource."""
    backend = apigateway_backends[request.account.id][request.account.region]
    name = request.name("Name", max_characters=255)
    api = backend.create_rest_api(name, request.properties.get("Description", ""))
    _set_api(api, request)
    root = str(api.root_resource_id)
    return Created(ref=api.id, attributes={"RestApiId": api.id, "RootResourceId": root})


def update_api(existing: Existing, request: CreateRequest) -> Created:
    """Change the settings of a REST API."""
    _set_api(rest_api(existing.account, existing.physical_id), request)
    return existing.created


def _set_api(api: RestAPI, request: CreateRequest) -> None:
    given = request.properties
    api.name = request.name("Name", max_characters=255)
    api.description = given.get("Description", "")
    api.binaryMediaTypes = list(given.get("BinaryMediaTypes", []))
    api.api_key_source = given.get("ApiKeySourceType", "HEADER")
    api.disableExecuteApiEndpoint = given.get("DisableExecuteApiEndpoint") in (True, "true")


def delete_api(existing: Existing) -> None:
    """Delete a REST API with everything in it."""
    apigateway_backends[existing.account.id][existing.account.region].apis.pop(existing.physical_id, None)


def create_resource(request: CreateRequest) -> Created:
    """Create a resource: one part of a path."""
    api, part = api_of(request), str(request.properties["PathPart"])
    parent = request.properties["ParentId"]
    if parent not in api.resources:
        raise ResourceError(f"ParentId: the REST API has no resource {parent}")
    if api.resources[parent].path_part.endswith(_GREEDY_END):
        raise ResourceError(f"PathPart: nothing can follow {api.resources[parent].get_path()}")
    if any(each.parent_id == parent and each.path_part == part for each in api.resources.values()):
        raise ResourceError(f"PathPart: another resource has the path part {part!r}")
    backend = apigateway_backends[request.account.id][request.account.region]
    resource = backend.create_resource(api.id, parent, part)
    return Created(ref=resource.id, attributes={"ResourceId": resource.id})


def delete_resource(existing: Existing) -> None:
    """Delete a resource with its methods; a deleted API has none."""
    api_of(existing).resources.pop(existing.physical_id, None)


def create_deployment(request: CreateRequest) -> Created:
    """Deploy the API's present state; methods that are created later are not part of it."""
    api = api_of(request)
    if not any(resource.resource_methods for resource in api.resources.values()):
        raise ResourceError("The REST API doesn't contain any methods")
    name = ApigwDeploymentIdentifier(request.account.id, request.account.region, stage_name="")
    # Without moto's own function, which also serves the API's address to every program in this process.
    deployment = _new_deployment(
        name.generate(list(api.deployments)), "", request.properties.get("Description", "")
    )
    take_snapshot(api, deployment)
    api.deployments[deployment.id] = deployment
    return Created(ref=deployment.id, attributes={"DeploymentId": deployment.id})


def update_deployment(existing: Existing, request: CreateRequest) -> Created:
    """Change the description; the snapshot stays."""
    deployment = api_of(existing).deployments[existing.physical_id]
    deployment.description = request.properties.get("Description", "")
    return existing.created


def delete_deployment(existing: Existing) -> None:
    """Delete a deployment that no stage serves."""
    api = api_of(existing)
    if any(stage.deployment_id == existing.physical_id for stage in api.stages.values()):
        raise ResourceError("Active stages pointing to this deployment must be moved or deleted")
    api.deployments.pop(existing.physical_id, None)


def create_stage(request: CreateRequest) -> Created:
    """Serve a deployment under a name."""
    api, name = api_of(request), request.properties["StageName"]
    if name in api.stages:
        raise ResourceError(f"StageName: stage {name} exists already")
    api.stages[name] = Stage(name=name)
    _set_stage(api, request)
    return Created(ref=name)


def update_stage(existing: Existing, request: CreateRequest) -> Created:
    """Serve another deployment, or change the stage's variables."""
    _set_stage(api_of(existing), request)
    return existing.created


def _set_stage(api: RestAPI, request: CreateRequest) -> None:
    given: Any = request.properties
    if given["DeploymentId"] not in api.deployments:
        raise ResourceError(f"DeploymentId: there is no deployment {given['DeploymentId']}")
    stage = api.stages[given["StageName"]]
    stage.deployment_id = given["DeploymentId"]
    stage.description = given.get("Description", "")
    stage.variables = {name: str(value) for name, value in given.get("Variables", {}).items()}


def delete_stage(existing: Existing) -> None:
    """Stop serving the stage."""
    api_of(existing).stages.pop(existing.physical_id, None)
