"""The first steps of every pass, up to a deployed stage with a catalogue and stock."""

from collections import Counter

from deploy_check import assembly as assemblies
from deploy_check.cdk import synthesise
from deploy_check.deployment import Deployment
from deploy_check.failure import require
from deploy_check.unsupported_types import TYPES, require_unsupported


def prepare(check: Deployment) -> str:
    """Install the endpoint from its lock."""
    check.prepare()
    return f"Python {check.interpreter.python}, {check.interpreter.architecture}"


def synthesise_app(check: Deployment) -> str:
    """Synthesize the app for this machine, without the types that the endpoint does not support."""
    synthesise(check.assembly, context=check.context)
    return size(check)


def bootstrap(check: Deployment) -> str:
    """Bootstrap the account for the CDK."""
    check.cdk.bootstrap()
    return "CDKToolkit"


def require_omitted_unsupported(check: Deployment) -> str:
    """Check that the endpoint does not support the omitted types."""
    require_unsupported(check.endpoint)
    return ", ".join(TYPES)


def deploy_all(check: Deployment) -> str:
    """Deploy all stacks, in the order of their dependencies."""
    check.cdk.deploy(check.assembly, "--all", "--outputs-file", str(check.folder / "outputs.json"))
    names = assemblies.stacks(check.assembly)
    described = check.endpoint.client("cloudformation").describe_stacks()["Stacks"]
    states = {stack["StackName"]: stack["StackStatus"] for stack in described}
    wrong = {name: states.get(name) for name in names if states.get(name) != "CREATE_COMPLETE"}
    require(met=not wrong, otherwise=f"not deployed: {wrong}")
    return size(check)


def seed(check: Deployment) -> str:
    """Fill the catalogue and the stock, and get a customer's token."""
    check.sign_in()
    source = check.issuer.url if check.issuer else "the deployed Cognito user pool"
    return f"{check.shop.seed()}; token of {source}"


def size(check: Deployment) -> str:
    """Return how much the assembly has."""
    kinds = Counter(assemblies.resource_types(check.assembly))
    return f"{len(assemblies.stacks(check.assembly))} stacks, {kinds.total()} resources, {len(kinds)} types"
