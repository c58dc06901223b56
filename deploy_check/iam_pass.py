"""The second pass, with IAM over TLS: the roles are sufficient, and a missing grant is visible."""

import json

from deploy_check import assembly as assemblies
from deploy_check import deploy_steps, grant_steps, order_steps
from deploy_check.cdk import VARIANT, synthesise
from deploy_check.deployment import Deployment
from deploy_check.iam_gaps import IAM_GAPS, loosening, require_gaps
from deploy_check.steps import CheckStep


def synthesise_with_issuer(check: Deployment) -> str:
    """Synthesize the app with our own issuer in the stage's `token`."""
    check.serve_tokens()
    changes = json.dumps({"token": check.issuer.settings() if check.issuer else None})
    synthesise(check.assembly, context=check.context, app=VARIANT, changes=changes)
    return f"tokens of {check.issuer.url if check.issuer else 'nobody'}"


def loosen(check: Deployment) -> str:
    """Remove the conditions that the endpoint's IAM does not support."""
    require_gaps(check.endpoint)
    found = {
        stack: loosening(assemblies.template(check.assembly, stack))
        for stack in assemblies.stacks(check.assembly)
    }
    changes = {stack: change for stack, change in found.items() if change}
    check.assembly = assemblies.copy_with_changes(check.assembly, check.folder / "loosened", changes)
    check.omitted += [gap.message for gap in IAM_GAPS.values()]
    return f"{', '.join(gap.message for gap in IAM_GAPS.values())}, in {len(changes)} stacks"


def start(check: Deployment) -> str:
    """Start the endpoint over TLS, with IAM enforced."""
    check.start(iam=True)
    return check.endpoint.url


STEPS = (
    CheckStep("environment", deploy_steps.prepare),
    CheckStep("cdk synth", synthesise_with_issuer),
    CheckStep("endpoint with IAM", start),
    CheckStep("omitted types", deploy_steps.require_omitted_unsupported),
    CheckStep("roles loosened", loosen),
    CheckStep("cdk bootstrap", deploy_steps.bootstrap),
    CheckStep("cdk deploy --all", deploy_steps.deploy_all),
    CheckStep("seed", deploy_steps.seed),
    CheckStep("invalid tokens rejected", order_steps.reject_invalid_tokens),
    CheckStep("order shipped", order_steps.ship),
    CheckStep("order cancelled", order_steps.cancel),
    CheckStep("roles sufficient", grant_steps.suffice),
    CheckStep("API without its write", grant_steps.api_without_write),
    CheckStep("relay without its bus", grant_steps.relay_without_bus),
    CheckStep("consumer without its write", grant_steps.consumer_without_write),
)
