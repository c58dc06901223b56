"""The second pass: IAM enforced, over TLS. The roles suffice, and a missing grant does not go unnoticed."""

import json
import sys

from deploy_check import deploying, ordering
from deploy_check import granting as grants
from deploy_check.cdk import synthesise
from deploy_check.deployment import Deployment
from deploy_check.steps import Step


def synthesise_with_issuer(check: Deployment) -> str:
    """The app with an issuer of our own in the stage's `token`."""
    check.serve_tokens()
    wish = json.dumps({"token": check.issuer.settings() if check.issuer else None})
    app = f"{sys.executable} -m deploy_check.variant"
    synthesise(check.assembly, context=check.context, app=app, wish=wish)
    return f"tokens of {check.issuer.url if check.issuer else 'nobody'}"


def start(check: Deployment) -> str:
    """The endpoint, over TLS, checking every request against IAM."""
    check.start(iam=True)
    return check.endpoint.url


STEPS = (
    Step("environment", deploying.prepare),
    Step("cdk synth", synthesise_with_issuer),
    Step("endpoint with IAM", start),
    Step("cdk bootstrap", deploying.bootstrap),
    Step("cdk deploy --all", deploying.deploy_all),
    Step("seed", deploying.open_shop),
    Step("strangers refused", ordering.refuse_strangers),
    Step("an order shipped", ordering.ship),
    Step("an order cancelled", ordering.cancel),
    Step("the roles suffice", grants.suffice),
    Step("API without its write", grants.api_without_write),
    Step("relay without its bus", grants.relay_without_bus),
    Step("consumer without its write", grants.consumer_without_write),
)
