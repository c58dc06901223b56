"""What of the page is typed: the blocks marked `sh`, as they stand."""

import subprocess

from deploy_check.manual import PAGE, commands


def test_only_blocks_marked_sh_are_typed_and_in_their_order() -> None:
    page = "a\n```sh\none\ntwo\n```\n```console\nnever\n```\n```sh\nthree\n```\n`sh` in a line is none\n"
    assert commands(page) == ["one\ntwo\n", "three\n"]


def test_the_page_deploys_orders_watches_and_removes() -> None:
    typed = "\n".join(commands(PAGE.read_text()))
    for words in (
        "cdk deploy --all",
        "initiate-auth",
        '"$API/orders"',
        "Idempotency-Key",
        "cdk destroy --all",
    ):
        assert words in typed


def test_every_block_is_a_shell_s() -> None:
    for block in commands(PAGE.read_text()):
        outcome = subprocess.run(("bash", "-n"), input=block, text=True, capture_output=True, check=False)  # noqa: S607 - the bash on the PATH
        assert outcome.returncode == 0, outcome.stderr
