"""The pass with LocalEmu: production without its functions, up to the messages in the consumers' queues."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any

import typer

from deploy_check import cut_assembly, deploy_steps, endpoint, interpreter, localemu_iam, namespace
from deploy_check.assembly import resources_of, stacks, template
from deploy_check.cdk import synthesise
from deploy_check.deployment import Deployment
from deploy_check.failure import require
from deploy_check.localemu import localemu
from deploy_check.run_pass import Pass, run_pass
from deploy_check.shop import wait_until
from deploy_check.steps import CheckStep
from infrastructure.services import Service
from infrastructure.topology import TOPOLOGY

STAGE = "prod"
"""It has composite alarms, which `dev` has not."""
TYPES = (
    "AWS::ApiGatewayV2::",
    "AWS::CloudWatch::Dashboard",
    "AWS::CodeDeploy::",
    "AWS::Cognito::",
    "AWS::EventSchemas::",
    "AWS::Events::Archive",
    "AWS::Lambda::",
    "AWS::SES::",
)
"""The beginnings of the types that are cut out: Lambda needs Docker, and the others do nothing or fail."""
FACT = "OrderCreated"
EVENT_ID = "6b1d7f62-0b3e-5c9a-8c56-1f6f6f0a7d10"
DELIVERED_SECONDS = 20.0


def prepare() -> interpreter.Interpreter:
    """Install LocalEmu from its lock; it needs the network, so it comes before the namespace.

    CheckError without the Python that the lock is for.
    """
    wanted = interpreter.LAMBDA_PYTHON
    require(
        met=interpreter.has_lambda_python(),
        otherwise=f"LocalEmu runs under Python {wanted} here: install it, for example with pyenv.",
    )
    return interpreter.prepare_environment("localemu")


def start_with_iam(check: Deployment) -> str:
    """Start a server that enforces IAM, where no other machine reaches it."""
    namespace.use_loopback()
    check.interpreter = prepare()
    return _start(check, iam=True)


def start(check: Deployment) -> str:
    """Start a server without IAM beside it; the following steps use this one."""
    return _start(check, iam=False)


def _start(check: Deployment, *, iam: bool) -> str:
    folder = check.folder / ("server-with-iam" if iam else "server")
    folder.mkdir()
    server_at = partial(localemu, check.interpreter, folder, iam=iam)
    check.endpoint = check.resources.enter_context(endpoint.run_endpoint(server_at, folder, keep=False))
    return check.endpoint.url


def synthesise_without_functions(check: Deployment) -> str:
    """Synthesize production, and cut out its functions and the other unsupported types."""
    whole = check.folder / "whole"
    synthesise(whole, context={"stage": STAGE, "allow_unfinished": "all"})
    cut_assembly.cut(whole, check.assembly, TYPES)
    return deploy_steps.size(check)


def _resources(check: Deployment, kind: str) -> Iterator[dict[str, Any]]:
    for name in stacks(check.assembly):
        for _, properties in resources_of(template(check.assembly, name), kind):
            yield properties


def require_bus_policies(check: Deployment) -> str:
    """Check that each bus has the statements of its template."""
    events = check.endpoint.client("events")
    wanted = sorted(each["StatementId"] for each in _resources(check, "AWS::Events::EventBusPolicy"))
    buses = [events.describe_event_bus(Name=each["Name"]) for each in events.list_event_buses()["EventBuses"]]
    policies = [json.loads(bus["Policy"]) for bus in buses if bus.get("Policy")]
    found = sorted(statement["Sid"] for policy in policies for statement in policy["Statement"])
    require(met=bool(wanted) and found == wanted, otherwise=f"the buses have {found}, not {wanted}")
    return ", ".join(found)


def require_composite_alarms(check: Deployment) -> str:
    """Check that each composite alarm has the rule of its template; alarms of functions were cut out."""
    response = check.endpoint.client("cloudwatch").describe_alarms(AlarmTypes=["CompositeAlarm"])
    found = {each["AlarmName"]: each["AlarmRule"] for each in response["CompositeAlarms"]}
    composites = _resources(check, "AWS::CloudWatch::CompositeAlarm")
    wanted = {each["AlarmName"]: each["AlarmRule"] for each in composites}
    require(met=bool(wanted) and found == wanted, otherwise=f"the rules are {found}, not {wanted}")
    return ", ".join(f"{name}, of {rule.count('ALARM(')} alarms" for name, rule in found.items())


def deliver(check: Deployment) -> str:
    """Publish a fact as the relay does: it comes to the queue of each of its consumers, and to no other."""
    (owner,) = (fact.owner for fact in TOPOLOGY.own_facts if fact.name == FACT)
    entry = {
        "EventBusName": check.names.event_bus,
        "Source": owner,
        "DetailType": FACT,
        "Detail": json.dumps({"id": EVENT_ID}),
    }
    put = check.endpoint.client("events").put_events(Entries=[entry])
    require(met=put["FailedEntryCount"] == 0, otherwise=f"the bus rejects it: {put['Entries']}")
    services = [service for service in TOPOLOGY.services if service.reacts_to]
    consumers = {service.name for service in services if FACT in service.reacts_to}
    received: dict[str, list[str]] = {service.name: [] for service in services}

    def has_arrived() -> bool:
        for service in services:
            received[service.name] += _receive(check, service)
        return all(received[name] for name in consumers)

    wait_until(has_arrived, otherwise=lambda: f"received: {received}", timeout=DELIVERED_SECONDS)
    expected = {service.name: [EVENT_ID] * (service.name in consumers) for service in services}
    require(met=received == expected, otherwise=f"received {received}, not {expected}")
    return f"{FACT} came to {', '.join(sorted(consumers))}, once each"


def _receive(check: Deployment, service: Service) -> list[str]:
    """Return the ids of the events in its queue."""
    sqs = check.endpoint.client("sqs")
    queue = sqs.get_queue_url(QueueName=check.names.queue(service.name))["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"])["detail"]["id"] for message in messages]


def destroy(check: Deployment) -> str:
    """Destroy every stack, except what production retains."""
    names = set(stacks(check.assembly))
    check.cdk.destroy(check.assembly)
    described = check.endpoint.client("cloudformation").describe_stacks()["Stacks"]
    left = names & {each["StackName"] for each in described if each["StackStatus"] != "DELETE_COMPLETE"}
    require(met=not left, otherwise=f"stacks left: {sorted(left)}")
    return f"{len(names)} stacks are gone"


STEPS = (
    CheckStep("cdk synth", synthesise_without_functions),
    CheckStep("endpoint with IAM", start_with_iam),
    CheckStep("the deployer is limited", localemu_iam.limit_deployer),
    CheckStep("endpoint", start),
    CheckStep("cdk bootstrap", deploy_steps.bootstrap),
    CheckStep("cdk deploy --all", deploy_steps.deploy_all),
    CheckStep("bus policies", require_bus_policies),
    CheckStep("composite alarms", require_composite_alarms),
    CheckStep("an event reaches its consumers", deliver),
    CheckStep("destroy", destroy),
)


def main(*, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Run the pass; `python -m deploy_check --localemu` starts this in a network namespace."""
    chosen = Pass(title="with LocalEmu", steps=STEPS, stage=STAGE, omitted=TYPES)
    raise typer.Exit(0 if run_pass(chosen, keep=False, as_json=as_json) else 1)


if __name__ == "__main__":
    typer.run(main)
