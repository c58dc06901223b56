"""Where the HTTP API of a stage is, and a token for the served one."""

from contextlib import suppress

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.orders.api_client import TOKEN, URL, ShopDoor
from pocketcloud.apigateway.tokens import SignIn

OFFLINE_URL = "http://127.0.0.1:8080"
"""Where `orderbus up` serves the HTTP API, unless it is told otherwise."""


def door(account: Account, *, url: str | None, token: str | None, customer: str) -> ShopDoor:
    """The stage's HTTP API, entered by the token, or offline by that customer's."""
    # The token first: without one, nothing is asked of an account. An empty one, as of a variable, is none.
    entitled = token or _signed_in(account, customer)
    return ShopDoor(url or _url(account), entitled)


def _url(account: Account) -> str:
    if account.is_offline:
        return OFFLINE_URL
    name = account.names.of("api")
    with aws_errors(hint=LOOK):
        pages = account.client("apigatewayv2").get_paginator("get_apis").paginate()
        found = [api["ApiEndpoint"] for page in pages for api in page["Items"] if api["Name"] == name]
    if not found:
        raise CommandError(f"There is no HTTP API {name} here.", hint=URL, code=ExitCode.AWS_REFUSED)
    return found[0]


def _signed_in(account: Account, customer: str) -> str:
    """An access token of the served user pool, whose customers are made up: none is anybody's account.

    In an account it would create a customer whose password is public: there, nobody is signed in.
    """
    if not account.is_offline:
        raise CommandError("The HTTP API asks for a customer's token.", hint=TOKEN, code=ExitCode.USAGE)
    if not customer:
        raise CommandError("--customer is empty.", hint="It is a name like ada.", code=ExitCode.USAGE)
    with aws_errors(hint=LOOK):
        cognito = account.client("cognito-idp")
        pools = cognito.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 60})
        pool = next(
            (
                each["Id"]
                for page in pools
                for each in page["UserPools"]
                if each["Name"] == account.names.of("customers")
            ),
            None,
        )
        if pool is None:
            raise CommandError("The stage has no user pool of its own.", hint=TOKEN, code=ExitCode.USAGE)
        client = cognito.list_user_pool_clients(UserPoolId=pool)["UserPoolClients"][0]["ClientId"]
        sign_in = SignIn(client, f"{customer}@example.com")
        with suppress(cognito.exceptions.UsernameExistsException):
            cognito.admin_create_user(UserPoolId=pool, Username=sign_in.username, MessageAction="SUPPRESS")
            cognito.admin_set_user_password(
                UserPoolId=pool, Username=sign_in.username, Password=sign_in.password, Permanent=True
            )
        answer = cognito.initiate_auth(
            ClientId=client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": sign_in.username, "PASSWORD": sign_in.password},
        )
    return answer["AuthenticationResult"]["AccessToken"]
