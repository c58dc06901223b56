"""The target account of a deployment: its clients, and state that moto does not keep."""

import functools
import hashlib
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import boto3

from pocketcloud.cloudformation.assembly import Asset
from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.assets import AssetBucket
from pocketcloud.core.engine import ACCOUNT
from pocketcloud.core.stubs import Stubs

Client: TypeAlias = Any
"""boto3 generates its client classes at run time."""

NAME_SUFFIX = 12
"""Length of the suffix of generated names, as in CloudFormation."""


@dataclass(frozen=True, slots=True)
class DeployedSchema:
    """One schema of the EventBridge schema registry, which moto lacks."""

    arn: str
    registry: str
    name: str
    content: dict[str, Any]


class TargetAccount:
    """One account and region, with one boto3 client per service."""

    def __init__(self, session: boto3.Session, assets: tuple[Asset, ...], stubs: Stubs | None = None) -> None:
        if session.region_name is None:
            raise ResourceError("the session has no region")
        self.region: str = session.region_name
        self.stubs = stubs or Stubs()
        self.partition: str = session.get_partition_for_region(self.region)
        make_client: Callable[..., Client] = session.client
        self.client: Callable[[str], Client] = functools.cache(make_client)
        self.id = ACCOUNT
        self.assets = AssetBucket(self.client, self.pseudo_parameters(), assets)
        self.replacements: Counter[tuple[str, str]] = Counter()
        """Number of replacements of resources, by stack and logical id."""
        self.providers: set[tuple[str, str]] = set()
        """Functions that back supported custom resources, by stack and logical id; they are never invoked."""
        self.registries: set[str] = set()
        self.schemas: list[DeployedSchema] = []
        self.not_enforced: list[str] = []

    def pseudo_parameters(self) -> dict[str, str]:
        """Return the pseudo parameters that all stacks share."""
        return {
            "AWS::AccountId": self.id,
            "AWS::Region": self.region,
            "AWS::Partition": self.partition,
            "AWS::URLSuffix": "amazonaws.com",
        }

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource in this account, for services whose responses omit it."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.id}:{resource}"

    def stack_id(self, stack: str) -> str:
        """Return the ARN of a stack, the same in every deployment."""
        identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{self.id}/{self.region}/{stack}")
        return self.arn("cloudformation", f"stack/{stack}/{identity}")

    def generated_name(self, stack: str, logical_id: str, max_characters: int) -> str:
        """Generate a readable name that is the same in every deployment; a replacement has another."""
        count = self.replacements[stack, logical_id]
        seed = f"{stack}/{logical_id}/{count}" if count else f"{stack}/{logical_id}"
        suffix = hashlib.sha256(seed.encode()).hexdigest()[:NAME_SUFFIX].upper()
        return f"{f'{stack}-{logical_id}'[: max_characters - NAME_SUFFIX - 1]}-{suffix}"
