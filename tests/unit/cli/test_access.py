"""A missing region, credentials or profile is an error with a hint and an exit code."""

import pytest
from typer.testing import CliRunner

from cli.core.account import Account, Target
from cli.core.exit_codes import ExitCode
from cli.main import app

ORDER = "00000000-0000-4000-8000-000000000000"
COMMANDS = (
    ["trace", ORDER],
    ["status"],
    ["smoke"],
    ["replay", "payments", "--order", ORDER],
    ["replay", "payments", "--from-archive", "--since", "1d"],
    ["republish", "--order", ORDER, "--yes"],
    ["events", "tail", "--order", ORDER],
    ["stock", "set", "CUP", "3"],
)
VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE")


@pytest.fixture(autouse=True)
def no_aws_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove all AWS settings."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--stage", "noregion"], "You must specify a region."),
        (["--stage", "nokeys", "--region", "eu-west-1"], "Unable to locate credentials"),
        (["--profile", "nobody"], "The config profile (nobody) could not be found"),
    ],
    ids=["no region", "no credentials", "no profile"],
)
def test_command_names_missing_aws_settings(command: list[str], options: list[str], sentence: str) -> None:
    result = CliRunner().invoke(app, [*command, *options])
    assert (result.exit_code, result.stdout) == (ExitCode.AWS_REFUSED, "")
    first, hint = result.stderr.strip().splitlines()
    assert first == sentence
    assert hint.startswith("Check the stage, the credentials and the region")


def test_client_retries_in_an_account_only() -> None:
    in_account = Account(stage="dev", region="eu-west-1").client("sqs")
    assert vars(in_account.meta.config)["retries"] == {"mode": "standard", "total_max_attempts": 6}
    offline = Account.of(stage="dev", target=Target.OFFLINE).client("sqs")
    assert "total_max_attempts" not in vars(offline.meta.config)["retries"]
