"""The commands of docs/deploy.md are its blocks marked `sh`."""

import subprocess

from deploy_check.deploy_page import PAGE, commands


def test_commands_are_the_sh_blocks_in_order() -> None:
    page = "a\n```sh\none\ntwo\n```\n```console\nnever\n```\n```sh\nthree\n```\n`sh` inline is no block\n"
    assert commands(page) == ["one\ntwo\n", "three\n"]


def test_page_deploys_orders_and_destroys() -> None:
    script = "\n".join(commands(PAGE.read_text()))
    for message in (
        "cdk deploy --all",
        "initiate-auth",
        '"$API/orders"',
        "Idempotency-Key",
        "cdk destroy --all",
    ):
        assert message in script


def test_every_block_is_valid_shell() -> None:
    for block in commands(PAGE.read_text()):
        result = subprocess.run(("bash", "-n"), input=block, text=True, capture_output=True, check=False)  # noqa: S607 - the bash on the PATH
        assert result.returncode == 0, result.stderr
