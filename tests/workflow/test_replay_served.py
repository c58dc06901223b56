"""`orderbus replay` over HTTP, at what `orderbus up` serves, in real time."""

import json

from offline.server import serve
from ops.exit_codes import ExitCode
from tests.workflow.replays import command, every_kind_of_ending, log_of
from tests.workflow.shop import Shop


def test_history_is_told_again_over_http_from_the_log_and_from_the_archive(shop: Shop) -> None:
    every_kind_of_ending(shop)
    facts, letters = log_of(shop), shop.letters()
    with serve(shop.cloud, aws_port=0, http_port=0) as served:
        where = ("--target", "offline", "--endpoint-url", served.aws_url, "--json")
        code, out, err = command("replay", "--into", "payments", "--rate", "3000", "--yes", *where)
        assert (code, json.loads(out)["sent"]) == (ExitCode.OK, 8), err
        code, out, err = command("replay", "views", "--from-archive", "--since", "1d", "--yes", *where)
        assert (code, json.loads(out)["state"]) == (ExitCode.OK, "COMPLETED"), err
        code, out, err = command("events", "tail", "--no-follow", "--since", "1d", *where)
        assert (code, len(out.splitlines())) == (ExitCode.OK, len(facts)), err
        code, out, err = command("republish", "--since", "1d", "--until", "0s", "--yes", *where)
        assert (code, json.loads(out)["sent"]) == (ExitCode.OK, len(facts)), err
    shop.cloud.settle()
    assert (log_of(shop), shop.letters()) == (facts, letters)
