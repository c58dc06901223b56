"""The commands that `orderbus up` prints; they work when pasted into a shell."""

import json
import shlex

from cli.demo.sample_orders import sample_orders, seeded_random
from cli.demo.submit import checkout_entry
from infrastructure.names import Names
from pocketcloud.apigateway.endpoint_cloud import EndpointCloud
from pocketcloud.apigateway.tokens import NoUserPoolError, Tokens
from pocketcloud.core.engine import REGION
from pocketcloud.serving.server import Served

CUSTOMER = "customer-1"

_TEXT = """\
The offline cloud is up, in real time. Ctrl-C stops it and deletes everything.

  HTTP API      {http}
  AWS endpoint  {aws}

Place an order as a customer, and read it (the token is valid for an hour):

  TOKEN={token}
  curl -i {http}/orders -H "Authorization: Bearer $TOKEN" -H 'Idempotency-Key: my-first-order' \\
    -H 'Content-Type: application/json' -d {request}
  curl {http}/orders/ORDER_ID -H "Authorization: Bearer $TOKEN"
  curl {http}/openapi.json -H "Authorization: Bearer $TOKEN"

Put a partner's checkout on the ingress bus (any credentials work):

  unset AWS_PROFILE AWS_SESSION_TOKEN
  export AWS_ACCESS_KEY_ID=offline AWS_SECRET_ACCESS_KEY=offline
  export AWS_REGION={region} AWS_DEFAULT_REGION={region}
  aws --endpoint-url {aws} events put-events --entries {entries}

List every decision, and sign in again when the token has expired:

  aws --endpoint-url {aws} dynamodb scan --table-name {event_log} --query 'Items[].[pk.S,sk.S]' --output text
  {sign_in}

Every orderbus command works on it, `orders` with --url:

  orderbus status --target offline --endpoint-url {aws}
  orderbus trace ORDER_ID --target offline --endpoint-url {aws}
  orderbus orders ls --target offline --endpoint-url {aws} --url {http}
"""


def instructions(cloud: EndpointCloud, served: Served, names: Names) -> str:
    """Return the commands, with a valid token, request and event."""
    random = seeded_random(0)
    request, checkout = sample_orders(2, random)
    entry = checkout_entry(checkout, bus=names.ingress_bus, now=cloud.clock.now(), random=random)
    token, sign_in = _token(cloud, served.aws_url)
    return _TEXT.format(
        http=served.http_url,
        aws=served.aws_url,
        region=REGION,
        token=token,
        sign_in=sign_in,
        request=shlex.quote(json.dumps(request.request())),
        entries=shlex.quote(json.dumps([entry])),
        event_log=names.event_log,
    )


def _token(cloud: EndpointCloud, aws_url: str) -> tuple[str, str]:
    """Return a token and the command for the next; with a foreign issuer, a comment for both."""
    try:
        sign_in = Tokens(cloud).sign_in(CUSTOMER)
    except NoUserPoolError as error:
        return shlex.quote(f"({error})"), f"# {error}"
    command = (
        f"aws --endpoint-url {aws_url} cognito-idp initiate-auth --client-id {sign_in.app_client} "
        "--auth-flow USER_PASSWORD_AUTH --auth-parameters "
        f"{shlex.quote(f'USERNAME={sign_in.username},PASSWORD={sign_in.password}')} "
        "--query AuthenticationResult.AccessToken --output text"
    )
    return cloud.token(CUSTOMER), command
