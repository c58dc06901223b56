"""Step Functions: moto receives the requests, the offline cloud's own state machines process them."""

from moto.stepfunctions.responses import StepFunctionResponse

from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.moto_patches.json_operation import run_operation
from pocketcloud.moto_patches.moto_patch import MotoPatch
from pocketcloud.stepfunctions.machines import Machines
from pocketcloud.stepfunctions.operations import MachineOperations

_KNOWN = frozenset(
    name for name in vars(StepFunctionResponse) if not name.startswith("_") and name != "stepfunction_backend"
)


def patches(machines: Machines) -> list[MotoPatch]:
    """Return a patch for every operation of moto's Step Functions: it runs here, or is rejected by name."""
    operations = MachineOperations(machines)
    return [
        MotoPatch(
            StepFunctionResponse,
            name,
            "self",
            run_operation(f"stepfunctions.{name}", getattr(operations, name, None), UnsupportedOfflineError),
        )
        for name in sorted(_KNOWN)
    ]
