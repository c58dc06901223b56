"""The third pass: the commands of docs/deploy.md, from deployment to removal."""

from deploy_check import deploy_page, deploy_steps, destroy_steps
from deploy_check.plain_pass import start
from deploy_check.steps import CheckStep

STEPS = (
    CheckStep("environment", deploy_steps.prepare),
    # Build the layer for this machine before the page's own synthesis.
    CheckStep("cdk synth", deploy_steps.synthesise_app),
    CheckStep("endpoint", start),
    CheckStep("omitted types", deploy_steps.require_omitted_unsupported),
    CheckStep("cdk bootstrap", deploy_steps.bootstrap),
    CheckStep("docs/deploy.md", deploy_page.follow),
    CheckStep("nothing left", destroy_steps.require_nothing_left),
)
