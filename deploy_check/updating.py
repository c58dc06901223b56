"""The steps that change what is deployed: nothing, something, something wrong, one service alone."""

import json

from deploy_check import assembly as assemblies
from deploy_check.cdk import VARIANT, synthesise
from deploy_check.changes import failing
from deploy_check.deployment import Deployment
from deploy_check.failure import require
from deploy_check.ordering import ship
from infrastructure.names import LIVE

UPDATED, TIMEOUT, MEMORY = "payments", 31, 320
"""The service whose row of the map changes, and how; its queue's visibility is six times the timeout."""
FAILED, FAILED_MEMORY = "inventory", 384
ALONE = "shipping"


def redeploy(check: Deployment) -> str:
    """Nothing changed, so nothing is done."""
    said = check.cdk.deploy(check.assembly).count("(no changes)")
    stacks = len(assemblies.stacks(check.assembly))
    require(met=said == stacks, otherwise=f'{said} of {stacks} stacks said "(no changes)"')
    return f"{said} times (no changes)"


def diff_of_nothing(check: Deployment) -> str:
    """What is deployed is what was synthesised."""
    code, output = check.cdk.diff(check.assembly)
    require(met=code == 0, otherwise=f"cdk diff --fail ended with {code}:\n{output}")
    return "empty"


def update(check: Deployment) -> str:
    """An edited row of the map: the difference is named, deployed, and read back from function and queue."""
    edited = check.folder / "updated"
    wish = json.dumps({"limits": {UPDATED: {"timeout_seconds": TIMEOUT, "memory_mb": MEMORY}}})
    synthesise(edited, context=check.context, app=VARIANT, wish=wish)
    code, output = check.cdk.diff(edited)
    require(met=code != 0 and "MemorySize" in output, otherwise=f"cdk diff did not see it:\n{output}")
    check.cdk.deploy(edited)
    found = (*_function(check, UPDATED, version=LIVE), _visibility(check, UPDATED))
    wanted = (TIMEOUT, MEMORY, 6 * TIMEOUT)
    require(met=found == wanted, otherwise=f"timeout, memory, visibility are {found}, not {wanted}")
    return f"{UPDATED}: timeout {TIMEOUT} s, memory {MEMORY} MB, visibility {6 * TIMEOUT} s read back"


def order_after(check: Deployment) -> str:
    """What was updated still carries an order to its end."""
    return ship(check, key="after-the-update")


def roll_back(check: Deployment) -> str:
    """An update that fails half-way says why, and leaves what was there before."""
    before = _function(check, FAILED)
    stack, name = check.names.stack(FAILED), check.names.function(FAILED)
    change = failing(function=name, memory=FAILED_MEMORY)
    wrong = assemblies.changed(check.assembly, check.folder / "wrong", {stack: change})
    code, output = check.cdk.refused_deploy(wrong, "--exclusively", stack)
    require(met=code != 0, otherwise=f"a deployment with a wrong event pattern succeeded:\n{output}")
    state = _status(check, stack)
    require(met=state == "UPDATE_ROLLBACK_COMPLETE", otherwise=f"{stack} is {state}:\n{output[-2000:]}")
    require(met=_was_updated(check, stack), otherwise=f"{name} was not updated first: nothing to roll back")
    require(met=_function(check, FAILED) == before, otherwise=f"{name} is now {_function(check, FAILED)}")
    return f"{state}; {FAILED} has {before[1]} MB again"


def deploy_alone(check: Deployment) -> str:
    """One service, removed and deployed alone: no other stack is touched."""
    stack = check.names.stack(ALONE)
    check.cdk.destroy(check.assembly, "--exclusively", stack)
    before = _versions(check)
    require(met=stack not in before, otherwise=f"{stack} is still there")
    check.cdk.deploy(check.assembly, "--exclusively", stack)
    after = _versions(check)
    require(met=_status(check, stack) == "CREATE_COMPLETE", otherwise=f"{stack} is {_status(check, stack)}")
    touched = {name for name in after if name != stack and after[name] != before.get(name)}
    require(met=not touched, otherwise=f"also touched: {touched}")
    return f"{stack} alone; {ship(check, key='alone')}"


def _function(check: Deployment, service: str, version: str = "$LATEST") -> tuple[int, int]:
    """Timeout and memory of a consumer's function: as it was last deployed, or of the version named."""
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
    """Whether a function of the stack has been updated in the stack's last update."""
    events = check.endpoint.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    return any(
        (event["ResourceType"], event["ResourceStatus"]) == ("AWS::Lambda::Function", "UPDATE_COMPLETE")
        for event in events
    )


def _versions(check: Deployment) -> dict[str, tuple[str, str]]:
    """When each stack was last worked on."""
    found = check.endpoint.client("cloudformation").describe_stacks()["Stacks"]
    return {
        stack["StackName"]: (stack["StackId"], str(stack.get("LastUpdatedTime", stack["CreationTime"])))
        for stack in found
        if stack["StackStatus"] != "DELETE_COMPLETE"
    }
