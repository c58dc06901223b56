"""The deployment role: who may assume it, and that it leads only to the CDK's own roles."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from app import ROOT
from tests.infrastructure.graph import Graph

TEMPLATE = ROOT / "infrastructure" / "deploy_role.json"
DOCUMENT: dict[str, Any] = json.loads(TEMPLATE.read_text())
ROLE = DOCUMENT["Resources"]["Role"]["Properties"]
GITHUB = "token.actions.githubusercontent.com"


def test_deploy_role_trusts_one_environment_of_one_repository() -> None:
    (trust,) = ROLE["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trust["Condition"] == {
        "StringEquals": {
            f"{GITHUB}:aud": "sts.amazonaws.com",
            f"{GITHUB}:sub": {"Fn::Sub": "repo:${Repository}:environment:${Environment}"},
        }
    }
    provider = DOCUMENT["Resources"]["Provider"]["Properties"]
    assert provider == {"Url": f"https://{GITHUB}", "ClientIdList": ["sts.amazonaws.com"]}
    for parameter in ("Repository", "Environment"):
        assert "*" not in DOCUMENT["Parameters"][parameter]["AllowedPattern"].replace("]*", "")
        assert "Default" not in DOCUMENT["Parameters"][parameter]


def test_deploy_role_assumes_exactly_the_bootstrap_roles(dev: Graph) -> None:
    (policy,) = ROLE["Policies"]
    (line,) = policy["PolicyDocument"]["Statement"]
    assert line["Action"] == "sts:AssumeRole"
    qualifier = DOCUMENT["Parameters"]["Qualifier"]["Default"]
    granted = {each["Fn::Sub"].replace("${Qualifier}", qualifier) for each in line["Resource"]}
    assert granted == asked_roles(dev.assembly)
    assert "ManagedPolicyArns" not in ROLE


def asked_roles(assembly: Path) -> set[str]:
    """Every role that the CDK's command line takes for these stacks and their assets.

    Without CloudFormation's execution role: the deploy role passes it, and no person assumes it.
    """
    texts = [path.read_text() for path in (*assembly.glob("*.assets.json"), assembly / "manifest.json")]
    asked = {arn for text in texts for arn in re.findall(r'"(arn:[^"]*:role/cdk-[^"]*)"', text)}
    return {arn for arn in asked if "-cfn-exec-role-" not in arn}


def test_deploy_role_session_lasts_as_requested() -> None:
    workflow = (ROOT / ".github" / "workflows" / "deploy.yml").read_text()
    assert f"role-duration-seconds: {ROLE['MaxSessionDuration']}\n" in workflow


def test_cfn_lint_finds_nothing_in_its_template() -> None:
    found = subprocess.run(
        [Path(sys.executable).parent / "cfn-lint", "--config-file", ROOT / ".cfnlintrc", "--", TEMPLATE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout) == (0, "")
