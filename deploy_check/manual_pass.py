"""The third pass: docs/deploy.md, word by word, from deployment to removal."""

from deploy_check import deploying, destroying, manual
from deploy_check.plain_pass import start
from deploy_check.steps import Step

STEPS = (
    Step("environment", deploying.prepare),
    # Once before, so that the layer for this machine stands when the page's own command asks for it.
    Step("cdk synth", deploying.synthesise_app),
    Step("endpoint", start),
    Step("left out", deploying.confirm_left_out),
    Step("cdk bootstrap", deploying.bootstrap),
    Step("docs/deploy.md", manual.follow),
    Step("nothing left", destroying.confirm_gone),
)
