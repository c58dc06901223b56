"""The account that is deployed into: its clients, and what moto has no place for."""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import boto3

from pocketcloud.cloudformation.assembly import Asset
from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.assets import AssetBucket

Client: TypeAlias = Any
"""boto3 makes its client classes at run time."""

NAME_SUFFIX = 12
"""Characters that tell apart generated names, as many as CloudFormation appends."""


@dataclass(frozen=True, slots=True)
class DeployedSchema:
    """One schema of the EventBridge schema registry, which moto does not have."""

    arn: str
    registry: str
    name: str
    content: dict[str, Any]


class Account:
    """One account and region, reached through boto3; one client per service."""

    def __init__(self, session: boto3.Session, assets: tuple[Asset, ...]) -> None:
        if session.region_name is None:
            raise ResourceError("the session names no region")
        self.region: str = session.region_name
        self.partition: str = session.get_partition_for_region(self.region)
        make_client: Callable[..., Client] = session.client
        self.client: Callable[[str], Client] = functools.cache(make_client)
        self.id: str = self.client("sts").get_caller_identity()["Account"]
        self.assets = AssetBucket(self.client, self.pseudo_parameters(), assets)
        self.registries: set[str] = set()
        self.schemas: list[DeployedSchema] = []
        self.not_enforced: list[str] = []

    def pseudo_parameters(self) -> dict[str, str]:
        """Those pseudo parameters that are the same for every stack."""
        return {
            "AWS::AccountId": self.id,
            "AWS::Region": self.region,
            "AWS::Partition": self.partition,
            "AWS::URLSuffix": "amazonaws.com",
        }

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource here, for services whose answers leave it out."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.id}:{resource}"

    def generated_name(self, stack: str, logical_id: str, longest: int) -> str:
        """A name for a resource without one: readable, and the same at every deployment."""
        suffix = hashlib.sha256(f"{stack}/{logical_id}".encode()).hexdigest()[:NAME_SUFFIX].upper()
        return f"{f'{stack}-{logical_id}'[: longest - NAME_SUFFIX - 1]}-{suffix}"
