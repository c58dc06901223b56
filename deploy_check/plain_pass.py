"""The first pass, without IAM: every CDK command, and orders."""

from deploy_check import deploy_steps, destroy_steps, order_steps, update_steps
from deploy_check.deployed_site import SCENARIO_STEPS
from deploy_check.deployment import Deployment
from deploy_check.steps import Step


def start(check: Deployment) -> str:
    """Start the endpoint over plain HTTP."""
    check.start(iam=False)
    return check.endpoint.url


DESTROY = Step("destroy", destroy_steps.destroy)

STEPS = (
    Step("environment", deploy_steps.prepare),
    Step("cdk synth", deploy_steps.synthesise_app),
    Step("endpoint", start),
    Step("left out", deploy_steps.require_left_out_unknown),
    Step("cdk bootstrap", deploy_steps.bootstrap),
    Step("cdk deploy --all", deploy_steps.deploy_all),
    Step("seed", deploy_steps.seed),
    Step("invalid tokens rejected", order_steps.reject_invalid_tokens),
    *SCENARIO_STEPS,
    Step("cdk deploy again", update_steps.redeploy),
    Step("cdk diff", update_steps.diff_unchanged),
    Step("update", update_steps.update),
    Step("order after the update", update_steps.order_after_update),
    Step("failing update", update_steps.roll_back),
    Step("one service only", update_steps.deploy_alone),
)
