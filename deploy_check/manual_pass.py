"""The third pass: the commands of docs/deploy.md, from deployment to removal."""

from deploy_check import deploy_page, deploy_steps, destroy_steps
from deploy_check.plain_pass import start
from deploy_check.steps import Step

STEPS = (
    Step("environment", deploy_steps.prepare),
    # Build the layer for this machine before the page's own synthesis.
    Step("cdk synth", deploy_steps.synthesise_app),
    Step("endpoint", start),
    Step("left out", deploy_steps.require_left_out_unknown),
    Step("cdk bootstrap", deploy_steps.bootstrap),
    Step("docs/deploy.md", deploy_page.follow),
    Step("nothing left", destroy_steps.require_nothing_left),
)
