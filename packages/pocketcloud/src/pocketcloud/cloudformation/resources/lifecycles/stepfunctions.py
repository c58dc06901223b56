"""Changes and deletion of state machines."""

from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest
from pocketcloud.cloudformation.resources.stepfunctions import definition_of


def _update(existing: Existing, request: CreateRequest) -> Created:
    existing.client("stepfunctions").update_state_machine(
        stateMachineArn=existing.physical_id,
        definition=definition_of(request),
        roleArn=request.properties["RoleArn"],
    )
    return existing.created


def _delete(existing: Existing) -> None:
    existing.client("stepfunctions").delete_state_machine(stateMachineArn=existing.physical_id)


LIFECYCLES = {
    "AWS::StepFunctions::StateMachine": Lifecycle(
        update=_update,
        delete=_delete,
        replaces=frozenset({"StateMachineName", "StateMachineType"}),
        custom_name="StateMachineName",
    )
}
