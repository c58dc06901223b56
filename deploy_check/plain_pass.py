"""The first pass, without IAM: every CDK command, and orders."""

from deploy_check import deploy_steps, destroy_steps, order_steps, rollback_steps, update_steps
from deploy_check.deployed_site import SCENARIO_STEPS
from deploy_check.deployment import Deployment
from deploy_check.steps import CheckStep


def start(check: Deployment) -> str:
    """Start the endpoint over plain HTTP."""
    check.start(iam=False)
    return check.endpoint.url


DESTROY = CheckStep("destroy", destroy_steps.destroy)

STEPS = (
    CheckStep("environment", deploy_steps.prepare),
    CheckStep("cdk synth", deploy_steps.synthesise_app),
    CheckStep("endpoint", start),
    CheckStep("omitted types", deploy_steps.require_omitted_unsupported),
    CheckStep("cdk bootstrap", deploy_steps.bootstrap),
    CheckStep("cdk deploy --all", deploy_steps.deploy_all),
    CheckStep("seed", deploy_steps.seed),
    CheckStep("invalid tokens rejected", order_steps.reject_invalid_tokens),
    *SCENARIO_STEPS,
    CheckStep("cdk deploy again", update_steps.redeploy),
    CheckStep("cdk diff", update_steps.diff_unchanged),
    CheckStep("update", update_steps.update),
    CheckStep("order after the update", update_steps.order_after_update),
    CheckStep("failing update", update_steps.roll_back),
    CheckStep("one service only", update_steps.deploy_alone),
    CheckStep("rollback to a commit", rollback_steps.roll_back_to_commit),
)
