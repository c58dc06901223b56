"""Step Functions: moto receives the requests, the offline cloud's own state machines process them."""

import json
from collections.abc import Callable

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.responses import StepFunctionResponse

from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch
from pocketcloud.stepfunctions.machines import Machines
from pocketcloud.stepfunctions.operations import MachineOperations

_KNOWN = frozenset(
    name for name in vars(StepFunctionResponse) if not name.startswith("_") and name != "stepfunction_backend"
)


def patches(machines: Machines) -> list[MotoPatch]:
    """Return a patch for every operation of moto's Step Functions: it runs here, or is rejected by name."""
    operations = MachineOperations(machines)
    return [MotoPatch(StepFunctionResponse, name, "self", _run(operations, name)) for name in sorted(_KNOWN)]


def _run(operations: MachineOperations, name: str) -> Callable[[StepFunctionResponse, Call], ActionResult]:
    operation = getattr(operations, name, None)

    def run(response: StepFunctionResponse, _: Call) -> ActionResult:
        if operation is None:
            raise UnsupportedOfflineError(f"stepfunctions.{name} is not supported offline")
        result = operation(json.loads(response.body))
        return EmptyResult() if result is None else ActionResult(result)

    return run
