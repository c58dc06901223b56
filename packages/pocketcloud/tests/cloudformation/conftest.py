"""Small cloud assemblies and an empty account."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto_sessions import new_session
from moto import mock_aws

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.deployment import DeploymentResult, deploy

BUCKET = "cdk-assets-${AWS::AccountId}-${AWS::Region}"

Template = dict[str, Any]
WriteAssembly = Callable[..., Path]
Deploy = Callable[..., tuple[str, ...]]
DeployResources = Callable[[Template], DeploymentResult]


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "offline")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "offline")
    monkeypatch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")


@pytest.fixture
def session(_credentials: None) -> Iterator[boto3.Session]:
    with mock_aws():
        yield new_session()


@pytest.fixture
def write_assembly(tmp_path: Path) -> WriteAssembly:
    """Write templates as the CDK does; stacks can depend on each other, and assets are folders by key."""

    def write(
        templates: dict[str, Template],
        *,
        dependencies: dict[str, list[str]] | None = None,
        assets: dict[str, dict[str, str]] | None = None,
        environment: str = "aws://unknown-account/unknown-region",
    ) -> Path:
        artifacts: dict[str, Any] = {}
        for stack, template in templates.items():
            _write(tmp_path / f"{stack}.template.json", template)
            artifacts[stack] = {
                "type": "aws:cloudformation:stack",
                "environment": environment,
                "properties": {
                    "templateFile": f"{stack}.template.json",
                    "requiresBootstrapStackVersion": 6,
                    "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/hnb659fds/version",
                },
                "dependencies": (dependencies or {}).get(stack, []),
            }
        files = {key: _asset(tmp_path, key, contents) for key, contents in (assets or {}).items()}
        _write(tmp_path / "assets.json", {"files": files})
        artifacts["assets"] = {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}}
        _write(tmp_path / "manifest.json", {"version": "55.0.0", "artifacts": artifacts})
        return tmp_path

    return write


def _write(path: Path, document: object) -> None:
    """Replace the file whole: a watch may read it at any time."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(document))
    draft.replace(path)


def _asset(folder: Path, key: str, contents: dict[str, str]) -> dict[str, Any]:
    for name, text in contents.items():
        path = folder / f"asset.{key}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return {
        "source": {"path": f"asset.{key}", "packaging": "zip"},
        "destinations": {"here": {"bucketName": BUCKET, "objectKey": f"{key}.zip"}},
    }


@pytest.fixture
def deploy_resources(write_assembly: WriteAssembly, session: boto3.Session) -> DeployResources:
    """Deploy a stack `shop` with these resources, and an asset `code` with `app/handler.py`."""

    def deploy_them(resources: Template) -> DeploymentResult:
        code = {"code": {"app/handler.py": "def handle(event, context): ...\n"}}
        return deploy(write_assembly({"shop": {"Resources": resources}}, assets=code), session)

    return deploy_them


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud() as cloud:
        yield cloud


@pytest.fixture(name="deploy")
def deploy_again(write_assembly: WriteAssembly, cloud: OfflineCloud) -> Deploy:
    """Deploy the stack `shop` with these resources, the first time or again."""

    def deploy_them(
        resources: Template,
        outputs: Template | None = None,
        mappings: Template | None = None,
        **more: Any,
    ) -> tuple[str, ...]:
        shop = {"Resources": resources, "Outputs": outputs or {}, "Mappings": mappings or {}}
        folder = write_assembly({"shop": shop}, **more)
        return cloud.deploy(folder)

    return deploy_them
