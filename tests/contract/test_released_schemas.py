"""The gate: no schema of the working tree breaks a consumer of the last release."""

import pytest
from typer.testing import CliRunner

from cli.core.checkout import ROOT
from cli.core.exit_codes import ExitCode
from cli.main import app


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="only a git checkout has releases")
def test_schemas_are_compatible_with_last_release() -> None:
    result = CliRunner().invoke(app, ["schema", "check"])
    if "has no earlier commit to compare with" in result.output:
        pytest.skip("a checkout of one commit has no release")
    assert result.exit_code == ExitCode.OK, result.output
