"""The gate: no schema breaks a consumer of a release, and each release has golden events and stays."""

import json
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from cli.core.checkout import ROOT
from cli.core.exit_codes import ExitCode
from cli.main import app
from cli.schema.releases import WORKING_TREE, texts_in
from cli.schema.schema_name import SchemaName, revisions_of, schemas_of

TEXTS = texts_in(ROOT / "schemas")
CURRENT, RELEASED = schemas_of(TEXTS, WORKING_TREE), revisions_of(TEXTS, WORKING_TREE)
GOLDEN = Path(__file__).parent / "golden"


def check(*options: str) -> None:
    result = CliRunner().invoke(app, ["schema", "check", *options])
    assert result.exit_code == ExitCode.OK, result.output


def golden_data(name: SchemaName) -> list[dict[str, Any]]:
    """Return the data of the golden events of a version."""
    paths = GOLDEN.glob(f"{name.event}.v{name.version}.*json")
    return [json.loads(path.read_text())["data"] for path in paths]


def branch_point() -> str | None:
    """Return where the branch left main; None in a checkout without main or without git."""
    for branch in ("origin/main", "main"):
        command = [which("git") or "false", "merge-base", "HEAD", branch]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.strip()
    return None


def test_schemas_are_compatible_with_every_release() -> None:
    check()


def test_older_version_is_released_when_a_newer_exists() -> None:
    newest = {(name.owner, name.event): name for name in sorted(CURRENT)}
    assert CURRENT.keys() - {*newest.values()} <= RELEASED.keys()


def test_released_file_is_the_same_as_on_main() -> None:
    commit = branch_point()
    if commit is None:
        pytest.skip("a checkout of one commit has no main branch; a review shows an edited file")
    check("--against", commit)


@pytest.mark.parametrize("name", sorted(name for name in RELEASED if name.owner), ids=str)
def test_released_content_has_golden_events_with_each_field(name: SchemaName) -> None:
    for revision in RELEASED[name]:
        schema: Any = revision.schema
        valid = [each for each in golden_data(name) if jsonschema.Draft4Validator(schema).is_valid(each)]
        assert any(each.keys() == {*schema["required"]} for each in valid), "one without optional fields"
        assert schema["properties"].keys() <= {field for each in valid for field in each}
