"""SQS's operations on move tasks, which moto lacks."""

from typing import Any

from moto.core.responses import ActionResult
from moto.sqs.responses import SQSResponse

from pocketcloud.moto_patches.moto_patch import ABSENT, Call, MotoPatch
from pocketcloud.sqs.move_tasks import MoveStatus, MoveTask, MoveTasks


def patches(tasks: MoveTasks) -> list[MotoPatch]:
    """Return the operations."""

    def start_message_move_task(response: SQSResponse, _: Call) -> ActionResult:
        asked = response.params
        rate = asked.get("MaxNumberOfMessagesPerSecond")
        task = tasks.start(
            asked["SourceArn"], asked.get("DestinationArn"), None if rate is None else int(rate)
        )
        return ActionResult({"TaskHandle": task.handle})

    def cancel_message_move_task(response: SQSResponse, _: Call) -> ActionResult:
        task = tasks.cancel(response.params["TaskHandle"])
        return ActionResult({"ApproximateNumberOfMessagesMoved": task.moved})

    def list_message_move_tasks(response: SQSResponse, _: Call) -> ActionResult:
        asked = response.params
        found = tasks.latest(asked["SourceArn"], int(asked.get("MaxResults") or 1))
        return ActionResult({"Results": [_shown(task) for task in found]})

    return [
        MotoPatch(SQSResponse, "start_message_move_task", ABSENT, start_message_move_task),
        MotoPatch(SQSResponse, "cancel_message_move_task", ABSENT, cancel_message_move_task),
        MotoPatch(SQSResponse, "list_message_move_tasks", ABSENT, list_message_move_tasks),
    ]


def _shown(task: MoveTask) -> dict[str, Any]:
    shown = {
        "TaskHandle": task.handle if task.status is MoveStatus.RUNNING else None,
        "Status": str(task.status),
        "SourceArn": task.source,
        "DestinationArn": task.destination,
        "MaxNumberOfMessagesPerSecond": task.rate,
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.to_move,
        "FailureReason": task.failure,
        "StartedTimestamp": task.started_ms,
    }
    return {name: value for name, value in shown.items() if value is not None}
