"""A variant of the app differs only in the given changes."""

import json
from pathlib import Path

import pytest

from deploy_check import variant
from infrastructure import topology


def test_with_limits_changes_only_the_named_service() -> None:
    services = variant.with_limits(topology.SERVICES, {"payments": {"timeout_seconds": 31, "memory_mb": 320}})
    changed = [new for old, new in zip(topology.SERVICES, services, strict=True) if new != old]
    assert [(each.name, each.consumer.timeout_seconds, each.consumer.memory_mb) for each in changed] == [
        ("payments", 31, 320)
    ]


def test_with_limits_rejects_an_unknown_service() -> None:
    with pytest.raises(KeyError, match="refunds"):
        variant.with_limits(topology.SERVICES, {"refunds": {"timeout_seconds": 31, "memory_mb": 320}})


def test_variant_api_trusts_the_given_issuer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = {
        "issuer": "http://127.0.0.1:4711",
        "audience": "shop",
        "scope": "orders",
        "operator_scope": None,
        "verified_email": False,
    }
    monkeypatch.setenv("DEPLOY_CHECK_CHANGES", json.dumps({"token": token}))
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
