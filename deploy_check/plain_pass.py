"""The first pass: every command of the CDK command line, and orders, without IAM."""

from deploy_check import deploying, destroying, ordering, updating
from deploy_check.deployment import Deployment
from deploy_check.site import SCENARIO_STEPS
from deploy_check.steps import Step


def start(check: Deployment) -> str:
    """The endpoint, over plain HTTP."""
    check.start(iam=False)
    return check.endpoint.url


DESTROY = Step("destroy", destroying.destroy)

STEPS = (
    Step("environment", deploying.prepare),
    Step("cdk synth", deploying.synthesise_app),
    Step("endpoint", start),
    Step("left out", deploying.confirm_left_out),
    Step("cdk bootstrap", deploying.bootstrap),
    Step("cdk deploy --all", deploying.deploy_all),
    Step("seed", deploying.open_shop),
    Step("strangers refused", ordering.refuse_strangers),
    *SCENARIO_STEPS,
    Step("cdk deploy again", updating.redeploy),
    Step("cdk diff", updating.diff_of_nothing),
    Step("update", updating.update),
    Step("an order after it", updating.order_after),
    Step("failing update", updating.roll_back),
    Step("one service alone", updating.deploy_alone),
)
