"""The steps that both passes begin with: from nothing to a deployed stage that is open for orders."""

from collections import Counter

from deploy_check import assembly as assemblies
from deploy_check.cdk import synthesise
from deploy_check.deployment import Deployment
from deploy_check.failure import require
from deploy_check.left_out import TYPES, confirm_unknown


def prepare(check: Deployment) -> str:
    """The endpoint's environment, from its lock."""
    check.prepare()
    return f"Python {check.interpreter.python}, {check.interpreter.architecture}"


def synthesise_app(check: Deployment) -> str:
    """cdk.json's app, for this machine and without what the endpoint lacks."""
    synthesise(check.assembly, context=check.context)
    return _size(check)


def bootstrap(check: Deployment) -> str:
    """The account, prepared for CDK."""
    check.cdk.bootstrap()
    return "CDKToolkit"


def confirm_left_out(check: Deployment) -> str:
    """Each type that was left out is one that the endpoint does not know."""
    confirm_unknown(check.endpoint)
    return ", ".join(TYPES)


def deploy_all(check: Deployment) -> str:
    """All stacks, in the order of their dependencies."""
    check.cdk.deploy(check.assembly, "--all", "--outputs-file", str(check.folder / "outputs.json"))
    names = assemblies.stacks(check.assembly)
    described = check.endpoint.client("cloudformation").describe_stacks()["Stacks"]
    states = {stack["StackName"]: stack["StackStatus"] for stack in described}
    wrong = {name: states.get(name) for name in names if states.get(name) != "CREATE_COMPLETE"}
    require(met=not wrong, otherwise=f"not deployed: {wrong}")
    return _size(check)


def open_shop(check: Deployment) -> str:
    """Goods in the tables, and a customer with a token."""
    check.enter()
    whose = check.issuer.url if check.issuer else "the deployed Cognito user pool"
    return f"{check.shop.open()}; token of {whose}"


def _size(check: Deployment) -> str:
    kinds = Counter(assemblies.resource_types(check.assembly))
    return f"{len(assemblies.stacks(check.assembly))} stacks, {kinds.total()} resources, {len(kinds)} types"
