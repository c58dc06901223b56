"""A variant of the app differs from it in what was wished for."""

import json
from pathlib import Path

import pytest

from deploy_check import variant
from infrastructure import topology


def test_only_the_named_service_gets_other_limits() -> None:
    services = variant.with_limits(topology.SERVICES, {"payments": {"timeout_seconds": 31, "memory_mb": 320}})
    changed = [new for old, new in zip(topology.SERVICES, services, strict=True) if new != old]
    assert [(each.name, each.consumer.timeout_seconds, each.consumer.memory_mb) for each in changed] == [
        ("payments", 31, 320)
    ]


def test_a_service_that_is_not_on_the_map_is_refused() -> None:
    with pytest.raises(KeyError, match="refunds"):
        variant.with_limits(topology.SERVICES, {"refunds": {"timeout_seconds": 31, "memory_mb": 320}})


def test_the_api_of_a_variant_trusts_whom_it_was_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = {"issuer": "http://127.0.0.1:4711", "audience": "shop", "scope": "orders"}
    monkeypatch.setenv("DEPLOY_CHECK_WISH", json.dumps({"token": token}))
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path))
    variant.main()
    template = json.loads((tmp_path / "orderbus-dev-api.template.json").read_text())
    types = [resource["Type"] for resource in template["Resources"].values()]
    assert "AWS::Cognito::UserPool" not in types
    (authorizer,) = [
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::ApiGatewayV2::Authorizer"
    ]
    assert authorizer["JwtConfiguration"] == {"Audience": ["shop"], "Issuer": token["issuer"]}
