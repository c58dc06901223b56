"""CloudFront with a web ACL in front of the HTTP API."""

from aws_cdk import CfnOutput
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from infrastructure.protection_settings import EdgeSettings

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""AWS's own policies: nothing is cached, and the API gets every header but the viewer's `Host`.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
"""
METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
"""All of them: CloudFront accepts no other set that has POST."""
ORIGIN = "api"
Distribution = cloudfront.CfnDistribution


class EdgeDistribution(Construct):
    """Passes each request that the web ACL allows to the API's domain, with a client certificate."""

    def __init__(self, scope: Construct, construct_id: str, *, edge: EdgeSettings, origin: str) -> None:
        super().__init__(scope, construct_id)
        distribution = Distribution(
            self,
            "Resource",
            distribution_config=Distribution.DistributionConfigProperty(
                enabled=True,
                aliases=[edge.name],
                comment=f"In front of {origin}",
                http_version="http2and3",
                ipv6_enabled=True,
                web_acl_id=edge.web_acl_arn,
                viewer_certificate=Distribution.ViewerCertificateProperty(
                    acm_certificate_arn=edge.certificate_arn,
                    minimum_protocol_version="TLSv1.2_2021",
                    ssl_support_method="sni-only",
                ),
                origins=[_origin(edge, origin)],
                default_cache_behavior=Distribution.DefaultCacheBehaviorProperty(
                    target_origin_id=ORIGIN,
                    viewer_protocol_policy="https-only",
                    allowed_methods=METHODS,
                    cache_policy_id=CACHING_DISABLED,
                    origin_request_policy_id=ALL_BUT_HOST,
                ),
            ),
        )
        target = CfnOutput(self, "Target", value=distribution.attr_domain_name)
        target.override_logical_id("EdgeTarget")


def _origin(edge: EdgeSettings, name: str) -> cloudfront.CfnDistribution.OriginProperty:
    """Reach the API's domain, which accepts no client without this certificate.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_OriginMtlsConfig.html
    """
    return Distribution.OriginProperty(
        id=ORIGIN,
        domain_name=name,
        custom_origin_config=Distribution.CustomOriginConfigProperty(
            origin_protocol_policy="https-only",
            origin_ssl_protocols=["TLSv1.2"],
            origin_mtls_config=Distribution.OriginMtlsConfigProperty(
                client_certificate_arn=edge.client_certificate_arn
            ),
        ),
    )
