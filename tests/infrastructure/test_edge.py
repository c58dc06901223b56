"""With an edge, the HTTP API's domain accepts only the distribution, which asks a web ACL first."""

from typing import Any

import pytest
from aws_cdk import App

from infrastructure.application import InvalidStageError, Stage
from infrastructure.deployer.template import OF_ADMINISTRATORS
from infrastructure.orderbus import ORDERBUS
from infrastructure.synthesis import add_stacks
from tests.assemblies import settings_of_stages
from tests.infrastructure.conftest import DOMAIN, EDGE
from tests.infrastructure.graph import Graph


def stage(**changes: Any) -> Stage:
    stages = settings_of_stages()["stages"]
    stages["dev"] |= {"domain": DOMAIN, "edge": EDGE, **changes}
    return ORDERBUS.stage("dev", stages)


@pytest.fixture(scope="module")
def templates() -> dict[str, Any]:
    """The templates of the stage with an edge, by stack."""
    app = App(builtin_cloud_formation_validation=False)
    add_stacks(app, stage=stage())
    return {each.stack_name: each.template for each in app.synth().stacks}


def distribution(templates: dict[str, Any]) -> dict[str, Any]:
    (found,) = templates["orderbus-dev-edge"]["Resources"].values()
    assert found["Type"] in OF_ADMINISTRATORS
    config: dict[str, Any] = found["Properties"]["DistributionConfig"]
    return config


def test_stage_without_the_setting_has_no_distribution(dev: Graph, prod: Graph, stripe: Graph) -> None:
    for graph in (dev, prod, stripe):
        assert graph.any_of("CloudFront::Distribution") == []
        for domain in graph.any_of("ApiGatewayV2::DomainName"):
            assert "MutualTlsAuthentication" not in domain.properties


def test_every_request_passes_the_web_acl(templates: dict[str, Any]) -> None:
    config = distribution(templates)
    assert config["WebACLId"] == EDGE["web_acl_arn"]
    assert config["Aliases"] == [EDGE["name"]]
    assert "CacheBehaviors" not in config
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only"
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert templates["orderbus-dev-api"]["Outputs"]["ApiUrl"]["Value"] == "https://shop.example.com"


def test_domain_accepts_only_the_distributions_certificate(templates: dict[str, Any]) -> None:
    (origin,) = distribution(templates)["Origins"]
    assert origin["DomainName"] == DOMAIN["name"]
    mutual = origin["CustomOriginConfig"]["OriginMtlsConfig"]
    assert mutual == {"ClientCertificateArn": EDGE["client_certificate_arn"]}
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    resources = templates["orderbus-dev-api"]["Resources"].values()
    (domain,) = [each for each in resources if each["Type"] == "AWS::ApiGatewayV2::DomainName"]
    expected = {"TruststoreUri": EDGE["truststore_uri"]}
    assert domain["Properties"]["MutualTlsAuthentication"] == expected
    (api,) = [each for each in resources if each["Type"] == "AWS::ApiGatewayV2::Api"]
    assert api["Properties"]["DisableExecuteApiEndpoint"] is True


def test_nothing_is_cached_and_tokens_reach_the_api(templates: dict[str, Any]) -> None:
    behaviour = distribution(templates)["DefaultCacheBehavior"]
    assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert behaviour["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert {"POST", "GET"} <= set(behaviour["AllowedMethods"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"domain": None}, "edge needs a domain of another name"),
        ({"domain": {**DOMAIN, "name": EDGE["name"]}}, "edge needs a domain of another name"),
        ({"edge": {**EDGE, "certificate_arn": DOMAIN["certificate_arn"]}}, "certificate_arn"),
        ({"edge": {**EDGE, "web_acl_arn": EDGE["web_acl_arn"].replace("global", "regional")}}, "web_acl_arn"),
        ({"edge": {**EDGE, "truststore_uri": "https://shop.example/ca.pem"}}, "truststore_uri"),
    ],
)
def test_impossible_edge_is_rejected(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidStageError, match=reason):
        stage(**changes)
