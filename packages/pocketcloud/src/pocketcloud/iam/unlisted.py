"""Operations whose resource is not known: policies decide about them only if they name no resource."""

from pocketcloud.iam.evaluation import Decision, Policies, evaluate
from pocketcloud.iam.principals import Principal
from pocketcloud.iam.unsupported import UnsupportedPolicyError


def decide_without_resource(policies: Policies, principal: Principal, action: str, region: str) -> Decision:
    """Evaluate the action on all resources; raise UnsupportedPolicyError if the policies name some."""
    statements = (*policies.identity, *(policies.boundary or ()))
    matching = [each for each in statements if each.matches_action(action)]
    is_allowed = any(each.allows for each in policies.identity if each in matching)
    if is_allowed and not all(each.matches_resource("*", {}) for each in matching):
        raise UnsupportedPolicyError(
            f"the resource of {action} is not known offline, and {principal.name} is limited to some:"
            " add the operation to pocketcloud.iam.service_actions"
        )
    context = {**principal.context, "aws:requestedregion": region}
    return evaluate(policies, principal, action, "*", context)
