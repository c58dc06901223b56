"""Send facts of the event log again: to one consumer's queue, or to all consumers through the relay."""

from collections.abc import Sequence

from cli.core.account import LOOK, Account, aws_errors
from cli.core.audit import Action
from cli.core.event_log_reader import Row
from cli.core.exit_codes import ExitCode
from cli.core.relay_client import ROWS_PER_REQUEST, NotPublishedError, RelayClient
from cli.replay.function_feed import RECORDS_PER_REQUEST, FunctionFeed
from cli.replay.job import NotSentError, ReplayJob
from cli.replay.queue_feed import EVENTS_PER_REQUEST, QueueFeed, find_queue
from cli.replay.request import ReplayConsumer, ReplayRequest, RunOptions
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
    prefix = account.names.replays(consumer.name)
    with aws_errors(hint=DEPLOYED):
        job = ReplayJob.prepare(account, request, options, prefix=prefix, facts=consumer.facts)
        queue = find_queue(account, consumer)
        if queue is None:
            return _replay_in_order(account, consumer, job, options)
        feed = QueueFeed(
            sqs=account.client("sqs"),
            queue=queue,
            replay=job.before.replay,
            by=job.by,
            sleep=options.sleep,
        )
        report = job.run(
            job.due(),
            action=Action.REPLAY,
            to=f"queue {account.names.queue(consumer.name)}",
            send=feed.send,
            batch_size=EVENTS_PER_REQUEST,
        )
    report.refused = feed.rejected
    return report.print(as_json=options.as_json)


def _replay_in_order(
    account: Account, consumer: ReplayConsumer, job: ReplayJob, options: RunOptions
) -> ExitCode:
    """Send facts to the function of a bridge that reads the ordered stream, or show which."""
    function = account.names.function(consumer.name, consumer.stream_module or "")
    feed = FunctionFeed(lambda_=account.client("lambda"), function=function, sleep=options.sleep)
    report = job.run(
        job.due(),
        action=Action.REPLAY,
        to=f"function {function}",
        send=feed.send,
        batch_size=RECORDS_PER_REQUEST,
    )
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
