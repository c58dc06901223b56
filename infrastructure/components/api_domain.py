"""A domain of our own in front of the HTTP API."""

from aws_cdk import CfnOutput
from aws_cdk import aws_apigatewayv2 as apigateway
from constructs import Construct

from infrastructure.protection_settings import EdgeSettings
from infrastructure.settings import CustomDomain


class ApiDomain(Construct):
    """Leads a domain to the default stage of an HTTP API; a DNS record leads to the output's target.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-custom-domain-names.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain: CustomDomain,
        stage: apigateway.CfnStage,
        edge: EdgeSettings | None,
    ) -> None:
        """Accept only clients with a certificate of the edge's authority, if there is one."""
        super().__init__(scope, construct_id)
        name = apigateway.CfnDomainName(
            self,
            "Resource",
            domain_name=domain.name,
            mutual_tls_authentication=apigateway.CfnDomainName.MutualTlsAuthenticationProperty(
                truststore_uri=edge.truststore_uri
            )
            if edge
            else None,
            domain_name_configurations=[
                apigateway.CfnDomainName.DomainNameConfigurationProperty(
                    certificate_arn=domain.certificate_arn,
                    endpoint_type="REGIONAL",
                    security_policy="TLS_1_2",
                )
            ],
        )
        mapping = apigateway.CfnApiMapping(
            self, "Mapping", api_id=stage.api_id, domain_name=name.ref, stage=stage.stage_name
        )
        mapping.add_dependency(stage)
        CfnOutput(self, "Target", value=name.attr_regional_domain_name).override_logical_id("ApiDomainTarget")
