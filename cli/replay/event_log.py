"""The event log told again: to one consumer by its queue, or to everybody by the relay."""

from collections.abc import Sequence

from cli.core.account import LOOK, Account, aws_errors
from cli.core.audit import Deed
from cli.core.event_log_reader import Row
from cli.core.exit_codes import ExitCode
from cli.core.relay_client import ROWS_AT_ONCE, NotPublishedError, Publication
from cli.replay.job import Work
from cli.replay.queue_feed import AT_ONCE, Queue, QueueFeed
from cli.replay.request import Given, Manner
from cli.replay.sender import NotTakenError
from functions.shared.runtime.plausibility import LONGEST_JOURNEY

DEPLOYED = f"{LOOK} What is told anything is deployed first."
REPUBLICATION = "republication"
TOO_OLD = (
    f"Consumers reject what is older than {LONGEST_JOURNEY.days} days (time_in_past) and mail nothing again; "
    "`orderbus replay` has one consumer handle it at any age."
)


def replay_log(account: Account, given: Given, manner: Manner) -> ExitCode:
    """Say what the consumer would be told; where that is wanted, send it to its queue."""
    hearer = given.hearer()
    name = account.names.queue(hearer.name)
    with aws_errors(hint=DEPLOYED):
        work = Work.begin(account, given, manner, name=account.names.replays(hearer.name), facts=hearer.facts)
        sqs = account.client("sqs")
        feed = QueueFeed(
            sqs=sqs,
            queue=Queue.named(sqs, name),
            replay=work.before.replay,
            by=work.by,
            sleep=manner.sleep,
        )
        report = work.tell(work.due(), deed=Deed.REPLAY, to=f"queue {name}", send=feed.send, at_once=AT_ONCE)
    report.refused = feed.refused
    return report.say(as_json=manner.as_json)


def republish(account: Account, given: Given, manner: Manner) -> ExitCode:
    """Say which facts would be published again, to everybody; where that is wanted, have the relay do it."""
    given.refuse_without_bounds()
    relay = account.names.relay
    with aws_errors(hint=DEPLOYED):
        work = Work.begin(account, given, manner, name=account.names.replays(REPUBLICATION), facts=None)
        publication = Publication(lambda_=account.client("lambda"), names=account.names)

        def send(rows: Sequence[Row]) -> None:
            try:
                publication.publish(rows)
            except NotPublishedError as error:
                raise NotTakenError(str(error)) from error

        due = work.due()
        report = work.tell(due, deed=Deed.REPUBLISH, to=f"relay {relay}", send=send, at_once=ROWS_AT_ONCE)
    if due and given.now - due[0].time > LONGEST_JOURNEY:
        report.notes.append(TOO_OLD)
    return report.say(as_json=manner.as_json)
