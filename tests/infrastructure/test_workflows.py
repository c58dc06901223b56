"""The GitHub workflows: their permissions, triggers and code."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it comes with cfn-lint, and its types with nobody

from app import ROOT
from infrastructure.orderbus import ORDERBUS
from tests.infrastructure.graph import Graph
from tests.infrastructure.test_stages import STAGES

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.iterdir())
RELEASE = FOLDER / "release.yml"
READ = {"contents": "read"}
RIGHTS = {
    "codeql.yml": {"analyze": {"contents": "read", "security-events": "write"}},
    "deploy.yml": {"deploy": {"contents": "read", "id-token": "write"}},
    "pull-request.yml": {"comment": {"pull-requests": "write"}},
    "release.yml": {
        "dev": {"contents": "read", "id-token": "write"},
        "publish": {"contents": "write"},
    },
}
"""Every job that may do more than read the code."""


def workflow(path: Path) -> dict[str, Any]:
    # YAML 1.1, which PyYAML reads, takes `on` for true.
    return {("on" if key is True else key): value for key, value in yaml.safe_load(path.read_text()).items()}


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in workflow(path)["jobs"].values() for step in job.get("steps", [])]


def commands(path: Path) -> str:
    return "\n".join(step["run"] for step in steps(path) if "run" in step)


def test_workflow_list_matches_the_tested_workflows() -> None:
    names = {"test.yml", "pull-request.yml", "deploy.yml", "release.yml", "codeql.yml"}
    assert {path.name for path in FILES} == names


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_jobs_only_read_the_code_unless_named(path: Path) -> None:
    assert workflow(path)["permissions"] == READ
    rights = {
        name: job["permissions"] for name, job in workflow(path)["jobs"].items() if "permissions" in job
    }
    assert rights == RIGHTS.get(path.name, {})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_workflows_have_no_secrets_registries_or_foreign_code(
    path: Path,
) -> None:
    text = path.read_text()
    assert "secrets" not in text.replace("nothing is a secret", "")
    assert "pull_request_target" not in text
    assert "workflow_run" not in text
    assert "://" not in text
    assert not re.search(r"registry|index-url|\.npmrc", text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_actions_are_pinned_with_their_version(path: Path) -> None:
    for line in re.findall(r"uses: (.*)", path.read_text()):
        assert line == "./.github/workflows/test.yml" or re.fullmatch(
            r"[\w-]+/[\w-]+(/[\w-]+)?@[0-9a-f]{40} # v\d+\.\d+\.\d+", line
        )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_jobs_time_out_and_checkouts_keep_no_token(path: Path) -> None:
    for job in workflow(path)["jobs"].values():
        assert "uses" in job or job["timeout-minutes"] <= 120
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_commands_contain_no_untrusted_text_and_no_pipe(path: Path) -> None:
    assert "${{" not in commands(path), "an expression goes through the environment"
    assert " | " not in commands(path), "a failure before a pipe is not noticed"


def test_every_push_runs_what_a_developer_runs() -> None:
    test = workflow(FOLDER / "test.yml")
    assert test["on"] == {"push": None, "workflow_call": None}
    steps = ["make test", "make neighbours", "make asyncapi-parser", "make deploy-check"]
    assert commands(FOLDER / "test.yml").split("\n") == steps


@pytest.mark.parametrize("name", ["deploy.yml", "release.yml"])
def test_deployment_allows_no_unfinished_production(name: str) -> None:
    assert "allow_unfinished" not in (FOLDER / name).read_text()


def test_release_has_released_schemas_of_main_only() -> None:
    build = "\n".join(step.get("run", "") for step in workflow(RELEASE)["jobs"]["build"]["steps"])
    before, built, _ = build.partition("infrastructure.release build")
    assert built
    assert "git merge-base --is-ancestor HEAD origin/main" in before
    assert "orderbus schema release --check" in before


def test_release_is_published_after_dev_ran_it() -> None:
    jobs = workflow(RELEASE)["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "test": None,
        "build": "test",
        "dev": "build",
        "publish": "dev",
    }
    assert jobs["dev"]["environment"] == "dev"
    assert jobs["dev"]["concurrency"] == {"group": "deploy-dev", "cancel-in-progress": False}
    assert [step for step in jobs["publish"]["steps"] if "checkout" in step.get("uses", "")] == []


def test_release_is_synthesized_once() -> None:
    running = [name for name, job in workflow(RELEASE)["jobs"].items() if "app.py" in str(job)]
    assert running == []
    for job in ("dev", "publish"):
        assert "infrastructure.release" not in str(workflow(RELEASE)["jobs"][job])
    assert "cdk deploy --all --app build/release/dev " in commands(RELEASE)


def test_production_gets_published_releases_only() -> None:
    deploy = workflow(FOLDER / "deploy.yml")
    inputs = deploy["on"]["workflow_dispatch"]["inputs"]
    assert inputs["tag"]["required"] is True
    synthesis, download = (
        next(step for step in steps(FOLDER / "deploy.yml") if word in step.get("run", ""))
        for word in ("app.py", "gh release download")
    )
    assert (synthesis["if"], download["if"]) == ("inputs.tag == ''", "inputs.tag != ''")
    assert "sha256sum --check --strict" in download["run"]
    assert 'cdk deploy --all --app "build/release/$STAGE"' in commands(FOLDER / "deploy.yml")
    # No code of the tag runs: who may only push a tag does not get production's credentials.
    assert "inputs.tag" not in str([step.get("with") for step in steps(FOLDER / "deploy.yml")])


def test_new_versions_are_proposed_for_every_lock() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    places = {each["package-ecosystem"]: each["directory"] for each in updates}
    assert places == {"github-actions": "/", "uv": "/requirements", "npm": "/"}
    assert (ROOT / "requirements" / "lambda.txt").exists()
    assert (ROOT / "package-lock.json").exists()


def test_pull_request_gets_no_credentials() -> None:
    jobs = workflow(FOLDER / "pull-request.yml")["jobs"]
    assert not [step for step in steps(FOLDER / "pull-request.yml") if "aws-actions" in step.get("uses", "")]
    ours = "github.event.pull_request.head.repo.full_name == github.repository"
    assert jobs["comment"]["if"] == ours
    assert not [step for step in jobs["comment"]["steps"] if "checkout" in step.get("uses", "")]
    assert "cfn-lint" in commands(FOLDER / "pull-request.yml")


def test_only_tested_main_is_deployed_one_at_a_time() -> None:
    deploy = workflow(FOLDER / "deploy.yml")
    job = deploy["jobs"]["deploy"]
    assert deploy["on"]["push"] == {"branches": ["main"]}
    assert "&& github.ref == 'refs/heads/main' && (needs.test.result == 'success' || inputs.tag" in job["if"]
    assert deploy["jobs"]["test"]["if"] == "github.event_name == 'push'"
    assert job["needs"] == "test"
    assert job["environment"] == "${{ inputs.stage || 'dev' }}"
    assert deploy["concurrency"]["cancel-in-progress"] is False
    (credentials,) = [step for step in job["steps"] if "aws-actions" in step.get("uses", "")]
    assert credentials["with"].keys() == {"role-to-assume", "aws-region", "role-duration-seconds"}
    assert credentials["with"]["role-to-assume"] == "${{ vars.DEPLOY_ROLE_ARN }}"


def test_deployable_stages_are_those_of_cdk_json() -> None:
    options = workflow(FOLDER / "deploy.yml")["on"]["workflow_dispatch"]["inputs"]["stage"]["options"]
    assert options == list(STAGES)
    assert [ORDERBUS.stage(name, STAGES).name for name in options] == options


def test_deployment_has_time_for_two_canaries() -> None:
    job = workflow(FOLDER / "deploy.yml")["jobs"]["deploy"]
    longest = max(
        int(ORDERBUS.stage(name, STAGES).settings.deployment.split("_")[3])
        for name in STAGES
        if ORDERBUS.stage(name, STAGES).settings.canary
    )
    # The relay's in the platform, then those of the services side by side.
    assert "--concurrency" in commands(FOLDER / "deploy.yml")
    assert 2 * longest + 30 <= job["timeout-minutes"]


def difference(base: Path, head: Path, home: Path) -> str:
    done = subprocess.run(
        [ROOT / ".github" / "diff", base, head],
        env={"PATH": f"{ROOT / '.venv' / 'bin'}:{os.defpath}", "HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def stage(tmp_path: Path, side: str, graph: Graph, *stacks: str) -> Path:
    """A folder as the workflow makes it, with some stacks of the graph."""
    folder = tmp_path / side / "dev"
    folder.mkdir(parents=True)
    for path in graph.assembly.iterdir():
        stack = path.name.removesuffix(".template.json")
        if path.is_file() and (stack == path.name or stack in stacks):
            (folder / path.name).symlink_to(path)
    return folder.parent


def test_comment_lists_changes_without_an_account(dev: Graph, shared: Graph, tmp_path: Path) -> None:
    base = stage(tmp_path, "base", dev, "orderbus-dev-platform", "orderbus-dev-shipping")
    head = stage(tmp_path, "head", shared, "orderbus-dev-platform")
    comment = difference(base, head, tmp_path)
    assert "[+] AWS::Events::Rule Forward-" in comment
    assert "Stack orderbus-dev-shipping is gone" in comment
    assert "orderbus-dev-orders" not in comment


def test_equal_templates_make_a_short_comment(dev: Graph, tmp_path: Path) -> None:
    both = [stage(tmp_path, side, dev, "orderbus-dev-shipping") for side in ("base", "head")]
    comment = difference(both[0], both[1], tmp_path)
    assert comment == "### What this does to the stacks\nNothing: the templates are the same.\n"
