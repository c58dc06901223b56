"""The second pass: IAM enforced, over TLS. The roles suffice, and a missing grant does not go unnoticed."""

import json

from deploy_check import assembly as assemblies
from deploy_check import deploying, granting, ordering
from deploy_check.cdk import VARIANT, synthesise
from deploy_check.deployment import Deployment
from deploy_check.gaps import GAPS, confirm_gaps, loosening
from deploy_check.steps import Step


def synthesise_with_issuer(check: Deployment) -> str:
    """The app with an issuer of our own in the stage's `token`."""
    check.serve_tokens()
    wish = json.dumps({"token": check.issuer.settings() if check.issuer else None})
    synthesise(check.assembly, context=check.context, app=VARIANT, wish=wish)
    return f"tokens of {check.issuer.url if check.issuer else 'nobody'}"


def loosen(check: Deployment) -> str:
    """The roles without what the endpoint's IAM cannot decide, and refuses."""
    confirm_gaps(check.endpoint)
    found = {
        stack: loosening(assemblies.template(check.assembly, stack))
        for stack in assemblies.stacks(check.assembly)
    }
    changes = {stack: change for stack, change in found.items() if change}
    check.assembly = assemblies.changed(check.assembly, check.folder / "loosened", changes)
    check.left_out += [gap.words for gap in GAPS.values()]
    return f"{', '.join(gap.words for gap in GAPS.values())}, in {len(changes)} stacks"


def start(check: Deployment) -> str:
    """The endpoint, over TLS, checking every request against IAM."""
    check.start(iam=True)
    return check.endpoint.url


STEPS = (
    Step("environment", deploying.prepare),
    Step("cdk synth", synthesise_with_issuer),
    Step("endpoint with IAM", start),
    Step("left out", deploying.confirm_left_out),
    Step("roles loosened", loosen),
    Step("cdk bootstrap", deploying.bootstrap),
    Step("cdk deploy --all", deploying.deploy_all),
    Step("seed", deploying.open_shop),
    Step("strangers refused", ordering.refuse_strangers),
    Step("an order shipped", ordering.ship),
    Step("an order cancelled", ordering.cancel),
    Step("the roles suffice", granting.suffice),
    Step("API without its write", granting.api_without_write),
    Step("relay without its bus", granting.relay_without_bus),
    Step("consumer without its write", granting.consumer_without_write),
)
