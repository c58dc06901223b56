"""`orderbus replay` rejects invalid command lines and sends nothing."""

import pytest

from cli.core.exit_codes import ExitCode
from pocketcloud import OfflineCloud
from tests.workflow.command_line import orderbus

UNKNOWN = "0b6f6a1e-5f43-5a0c-9a38-3d6f0a9d2c11"


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ("--into nobody", ExitCode.USAGE, "There is no consumer nobody."),
        ("", ExitCode.USAGE, "Name exactly one consumer."),
        ("payments --into views", ExitCode.USAGE, "Name exactly one consumer."),
        ("--into views --fact OrderCreated", ExitCode.USAGE, "--into replays all facts"),
        ("payments", ExitCode.USAGE, "This would replay the entire event log."),
        ("payments --fact OrderCreated", ExitCode.USAGE, "payments does not react to OrderCreated."),
        ("orders --fact CheckoutCompleted", ExitCode.USAGE, "CheckoutCompleted arrives on the ingress bus"),
        ("payments --order 7", ExitCode.USAGE, "7 is not an order id."),
        ("payments --since yesterday", ExitCode.USAGE, "yesterday is not a time."),
        ("payments --since 999999d", ExitCode.USAGE, "999999d is not a time."),
        ("payments --since 1h --until 2h", ExitCode.USAGE, "is empty."),
        ("payments --since 1h --progress .", ExitCode.USAGE, ". is not a progress file of a replay."),
        ("payments --since 1h --region one,two", ExitCode.USAGE, "region_name 'one,two'"),
        (f"payments --order {UNKNOWN}", ExitCode.UNKNOWN_ORDER, f"This stage has no order {UNKNOWN}."),
        ("payments --since 1d --stage nowhere", ExitCode.AWS_REFUSED, "NonExistentQueue"),
        ("payments --from-archive", ExitCode.USAGE, "A replay from the archive needs a start."),
        (
            "payments --from-archive --since 1d --fact OrderCancelled",
            ExitCode.USAGE,
            "sends all facts of the consumer's rule",
        ),
        ("payments --from-archive --since 1h --until 2h", ExitCode.USAGE, "is empty."),
        ("payments --from-archive --since 1h --stage nowhere", ExitCode.AWS_REFUSED, "NonExistentQueue"),
    ],
)
def test_replay_prints_one_error_and_a_hint_when_misused(
    deployed: OfflineCloud, line: str, code: ExitCode, sentence: str
) -> None:
    assert deployed.outputs
    exit_code, out, err = orderbus("replay", *line.split(), "--yes")
    assert (exit_code, out) == (code, "")
    assert sentence in err
    assert len(err.strip().splitlines()) == 2
