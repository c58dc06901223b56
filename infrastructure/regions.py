"""The AWS services that a stage may need and that some regions lack. No CDK.

From the endpoints in botocore 1.44.5, on 2026-11-29; a test compares them with the installed version. AWS's
pages agree: https://docs.aws.amazon.com/general/latest/gr/eventbridgeschemas.html,
https://docs.aws.amazon.com/general/latest/gr/ses.html and
https://docs.aws.amazon.com/general/latest/gr/cognito_identity.html
"""

from collections.abc import Mapping

from infrastructure.application import Stage

SCHEMAS, EMAIL, USER_POOLS = "schemas", "sesv2", "cognito-idp"
LACKING: Mapping[str, frozenset[str]] = {
    SCHEMAS: frozenset(
        {
            "ap-east-2",
            "ap-south-2",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-west-1",
            "il-central-1",
            "mx-central-1",
        }
    ),
    EMAIL: frozenset({"ap-east-1", "cn-north-1", "cn-northwest-1"}),
    USER_POOLS: frozenset({"cn-north-1", "cn-northwest-1"}),
}
"""The regions without each service, by botocore's name of it."""


def has_service(region: str | None, service: str) -> bool:
    """Whether the region has the service; an unknown region is taken to have it."""
    return region not in LACKING[service]


def missing_services(stage: Stage, region: str | None) -> dict[str, str]:
    """Return what the stage cannot do without and the region lacks, each with what to do."""
    found = {}
    if not has_service(region, EMAIL) and any(service.email_sender for service in stage.services):
        found["SES, which sends the emails"] = "deploy to another region"
    needs_pool = stage.topology.has_routes and not stage.settings.token.issuer
    if needs_pool and not has_service(region, USER_POOLS):
        found["Cognito's user pools"] = "name an issuer of your own in the setting token"
    return found
