"""SQS: moto stores queues and attributes; `Queues` stores the messages."""

from pocketcloud.core.engine import Engine
from pocketcloud.moto_patches import sqs_batches, sqs_errors, sqs_messages, sqs_move_tasks, sqs_queues
from pocketcloud.moto_patches.moto_patch import MotoPatch
from pocketcloud.sqs.move_tasks import MoveTasks
from pocketcloud.sqs.queues import Queues


def patches(engine: Engine, queues: Queues, move_tasks: MoveTasks) -> list[MotoPatch]:
    """Return the patches to moto's SQS."""
    return [
        *sqs_messages.patches(engine, queues),
        *sqs_batches.patches(engine, queues),
        *sqs_queues.patches(engine, queues),
        *sqs_move_tasks.patches(move_tasks),
        *sqs_errors.patches(),
    ]
