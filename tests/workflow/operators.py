"""Users of a stage's pool who are in a group, such as that of operators."""

from tests.workflow.shop import Shop


def member(shop: Shop, name: str, group: str) -> str:
    """Sign a user up, and put them in the group; later tokens name it."""
    shop.cloud.http("GET", "/orders", customer=name)
    shop.cloud.client("cognito-idp").admin_add_user_to_group(
        UserPoolId=shop.cloud.outputs["UserPoolId"], Username=f"{name}@example.com", GroupName=group
    )
    shop.cloud.advance(minutes=61)
    return name
