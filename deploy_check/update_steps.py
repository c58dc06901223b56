"""Steps that update the deployed stage: without a change, with one, with a failure, and one service only."""

import json

from deploy_check import assembly as assemblies
from deploy_check.cdk import VARIANT, synthesise
from deploy_check.deployment import Deployment
from deploy_check.failure import require
from deploy_check.order_steps import ship
from deploy_check.template_changes import failing_update
from infrastructure.names import LIVE

UPDATED, TIMEOUT_SECONDS, MEMORY_MB = "payments", 31, 320
"""The service to update, and its new limits; its visibility timeout is six times the timeout."""
FAILED, FAILED_MEMORY_MB = "inventory", 384
ALONE = "shipping"


def redeploy(check: Deployment) -> str:
    """Deploy again without a change; check that no stack is updated."""
    unchanged = check.cdk.deploy(check.assembly).count("(no changes)")
    stacks = len(assemblies.stacks(check.assembly))
    require(met=unchanged == stacks, otherwise=f'{unchanged} of {stacks} stacks have "(no changes)"')
    return f"{unchanged} times (no changes)"


def diff_unchanged(check: Deployment) -> str:
    """Check that `cdk diff` finds no difference."""
    code, output = check.cdk.diff(check.assembly)
    require(met=code == 0, otherwise=f"cdk diff --fail exited with {code}:\n{output}")
    return "empty"


def update(check: Deployment) -> str:
    """Change a service's limits; check the diff, the function and the queue."""
    edited = check.folder / "updated"
    changes = json.dumps({"limits": {UPDATED: {"timeout_seconds": TIMEOUT_SECONDS, "memory_mb": MEMORY_MB}}})
    synthesise(edited, context=check.context, app=VARIANT, changes=changes)
    code, output = check.cdk.diff(edited)
    require(met=code != 0 and "MemorySize" in output, otherwise=f"cdk diff shows no MemorySize:\n{output}")
    check.cdk.deploy(edited)
    found = (*_function(check, UPDATED, version=LIVE), _visibility(check, UPDATED))
    wanted = (TIMEOUT_SECONDS, MEMORY_MB, 6 * TIMEOUT_SECONDS)
    require(met=found == wanted, otherwise=f"timeout, memory, visibility are {found}, not {wanted}")
    return f"{UPDATED}: timeout {TIMEOUT_SECONDS} s, memory {MEMORY_MB} MB, visibility {found[2]} s"


def order_after_update(check: Deployment) -> str:
    """Ship an order with the updated stage."""
    return ship(check, key="after-the-update")


def roll_back(check: Deployment) -> str:
    """Deploy a failing update; check that CloudFormation rolls it back."""
    before = _function(check, FAILED)
    stack, name = check.names.stack(FAILED), check.names.function(FAILED)
    change = failing_update(function=name, memory=FAILED_MEMORY_MB)
    wrong = assemblies.copy_with_changes(check.assembly, check.folder / "wrong", {stack: change})
    code, output = check.cdk.failed_deploy(wrong, "--exclusively", stack)
    require(met=code != 0, otherwise=f"a deployment with a wrong event pattern succeeded:\n{output}")
    state = _status(check, stack)
    require(met=state == "UPDATE_ROLLBACK_COMPLETE", otherwise=f"{stack} is {state}:\n{output[-2000:]}")
    require(met=_was_updated(check, stack), otherwise=f"{name} was not updated first: nothing to roll back")
    require(met=_function(check, FAILED) == before, otherwise=f"{name} is now {_function(check, FAILED)}")
    return f"{state}; {FAILED} has {before[1]} MB again"


def deploy_alone(check: Deployment) -> str:
    """Destroy and deploy one service; check that no other stack is updated."""
    stack = check.names.stack(ALONE)
    check.cdk.destroy(check.assembly, "--exclusively", stack)
    before = _versions(check)
    require(met=stack not in before, otherwise=f"{stack} is still there")
    check.cdk.deploy(check.assembly, "--exclusively", stack)
    after = _versions(check)
    require(met=_status(check, stack) == "CREATE_COMPLETE", otherwise=f"{stack} is {_status(check, stack)}")
    updated = {name for name in after if name != stack and after[name] != before.get(name)}
    require(met=not updated, otherwise=f"also updated: {updated}")
    return f"{stack} alone; {ship(check, key='alone')}"


def _function(check: Deployment, service: str, version: str = "$LATEST") -> tuple[int, int]:
    """Return the timeout and memory of a consumer's function version."""
    name = check.names.function(service)
    functions = check.endpoint.client("lambda")
    found = functions.get_function_configuration(FunctionName=name, Qualifier=version)
    return int(found["Timeout"]), int(found["MemorySize"])


def _visibility(check: Deployment, service: str) -> int:
    queues = check.endpoint.client("sqs")
    url = queues.get_queue_url(QueueName=check.names.queue(service))["QueueUrl"]
    found = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    return int(found["Attributes"]["VisibilityTimeout"])


def _status(check: Deployment, stack: str) -> str:
    found = check.endpoint.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return str(found[0]["StackStatus"])


def _was_updated(check: Deployment, stack: str) -> bool:
    """Return whether the last update of the stack updated a function."""
    events = check.endpoint.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    return any(
        (event["ResourceType"], event["ResourceStatus"]) == ("AWS::Lambda::Function", "UPDATE_COMPLETE")
        for event in events
    )


def _versions(check: Deployment) -> dict[str, tuple[str, str]]:
    """Return the last update of each stack."""
    found = check.endpoint.client("cloudformation").describe_stacks()["Stacks"]
    return {
        stack["StackName"]: (stack["StackId"], str(stack.get("LastUpdatedTime", stack["CreationTime"])))
        for stack in found
        if stack["StackStatus"] != "DELETE_COMPLETE"
    }
