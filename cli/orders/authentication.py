"""The HTTP API of a stage, and offline a token for it."""

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.orders.api_client import SIGN_IN_HINT, URL_HINT, ApiClient
from pocketcloud.apigateway.sign_in import SignIn, create_user, user_tokens

OFFLINE_URL = "http://127.0.0.1:8080"
"""The default address of the HTTP API of `orderbus up`."""


def authenticate(account: Account, *, url: str | None, token: str | None, customer: str) -> ApiClient:
    """Return a client with the token; offline and without one, sign in as the customer."""
    # Without a token, send no request to an account. An empty environment variable is no token.
    return ApiClient(token=token or _sign_in(account, customer), url=url or _api_url(account))


def user_pools(account: Account) -> list[str]:
    """Return the ids of the stage's own user pools: one, or none if it has a foreign issuer."""
    pages = account.client("cognito-idp").get_paginator("list_user_pools")
    return [
        pool["Id"]
        for page in pages.paginate(PaginationConfig={"PageSize": 60})
        for pool in page["UserPools"]
        if pool["Name"] == account.names.of("customers")
    ]


def _api_url(account: Account) -> str:
    if account.is_offline:
        return OFFLINE_URL
    name = account.names.of("api")
    with aws_errors(hint=LOOK):
        pages = account.client("apigatewayv2").get_paginator("get_apis").paginate()
        found = [api["ApiEndpoint"] for page in pages for api in page["Items"] if api["Name"] == name]
    if not found:
        raise CommandError(f"There is no HTTP API {name} here.", hint=URL_HINT, code=ExitCode.AWS_REFUSED)
    return found[0]


def _sign_in(account: Account, customer: str) -> str:
    """Sign in a made-up customer of the offline user pool, and return the access token.

    Never do this in an account: it would create a customer with a public password.
    """
    if not account.is_offline:
        raise CommandError("The HTTP API needs a customer's token.", hint=SIGN_IN_HINT, code=ExitCode.USAGE)
    if not customer:
        raise CommandError("--customer is empty.", hint="Use a name like ada.", code=ExitCode.USAGE)
    with aws_errors(hint=LOOK):
        cognito = account.client("cognito-idp")
        pool = next(iter(user_pools(account)), None)
        if pool is None:
            raise CommandError(
                "The stage has no user pool of its own.", hint=SIGN_IN_HINT, code=ExitCode.USAGE
            )
        client = cognito.list_user_pool_clients(UserPoolId=pool)["UserPoolClients"][0]["ClientId"]
        sign_in = SignIn(client, f"{customer}@example.com")
        create_user(cognito, pool, sign_in)
        return user_tokens(cognito, sign_in)["AccessToken"]
