"""Send facts of the event log again: to one consumer's queue, or to all consumers through the relay."""

from collections.abc import Sequence

from cli.core.account import LOOK, Account, aws_errors
from cli.core.audit import Action
from cli.core.event_log_reader import Row
from cli.core.exit_codes import ExitCode
from cli.core.relay_client import ROWS_PER_REQUEST, NotPublishedError, RelayClient
from cli.replay.job import NotSentError, ReplayJob
from cli.replay.queue_feed import EVENTS_PER_REQUEST, ConsumerQueue, QueueFeed
from cli.replay.request import ReplayRequest, RunOptions
from functions.shared.runtime.message_ages import MAXIMUM_ARRIVAL_AGE

DEPLOYED = f"{LOOK} The consumer must be deployed."
REPUBLICATION = "republication"
TOO_OLD = (
    f"Consumers reject facts older than {MAXIMUM_ARRIVAL_AGE.days} days (time_in_past) "
    "and send no email again; "
    "`orderbus replay` makes one consumer handle facts of any age."
)


def replay_log(account: Account, request: ReplayRequest, options: RunOptions) -> ExitCode:
    """Send facts to a consumer's queue, or show which."""
    consumer = request.replay_consumer()
    name = account.names.queue(consumer.name)
    prefix = account.names.replays(consumer.name)
    with aws_errors(hint=DEPLOYED):
        job = ReplayJob.prepare(account, request, options, prefix=prefix, facts=consumer.facts)
        sqs = account.client("sqs")
        feed = QueueFeed(
            sqs=sqs,
            queue=ConsumerQueue.named(sqs, name),
            replay=job.before.replay,
            by=job.by,
            sleep=options.sleep,
        )
        report = job.run(
            job.due(),
            action=Action.REPLAY,
            to=f"queue {name}",
            send=feed.send,
            batch_size=EVENTS_PER_REQUEST,
        )
    report.refused = feed.rejected
    return report.print(as_json=options.as_json)


def republish_log(account: Account, request: ReplayRequest, options: RunOptions) -> ExitCode:
    """Have the relay publish facts to all consumers again, or show which."""
    request.require_bounds()
    prefix = account.names.replays(REPUBLICATION)
    with aws_errors(hint=DEPLOYED):
        job = ReplayJob.prepare(account, request, options, prefix=prefix, facts=None)
        relay = RelayClient(lambda_=account.client("lambda"), names=account.names)

        def send(rows: Sequence[Row]) -> None:
            try:
                relay.publish(rows)
            except NotPublishedError as error:
                raise NotSentError(str(error)) from error

        due = job.due()
        report = job.run(
            due,
            action=Action.REPUBLISH,
            to=f"relay {account.names.relay}",
            send=send,
            batch_size=ROWS_PER_REQUEST,
        )
    if due and request.now - due[0].time > MAXIMUM_ARRIVAL_AGE:
        report.notes.append(TOO_OLD)
    return report.print(as_json=options.as_json)
