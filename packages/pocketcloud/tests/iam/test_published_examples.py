"""AWS's published examples of policy evaluation give the documented results."""

from typing import Any

import pytest
from iam_questions import ACCOUNT, CARLOS, OTHER_ACCOUNT, ask

from pocketcloud.iam.principals import ANONYMOUS, Principal, role, service

BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket-carlossalazar"
CARLOS_POLICY = (
    {
        "Sid": "AllowS3ListRead",
        "Effect": "Allow",
        "Action": [
            "s3:GetBucketLocation",
            "s3:GetAccountPublicAccessBlock",
            "s3:ListAccessPoints",
            "s3:ListAllMyBuckets",
        ],
        "Resource": "arn:aws:s3:::*",
    },
    {"Sid": "AllowS3Self", "Effect": "Allow", "Action": "s3:*", "Resource": [f"{BUCKET}/*", BUCKET]},
    {"Sid": "DenyS3Logs", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::*log*"},
)
BUCKET_POLICY = (
    {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/carlossalazar"},
        "Action": "s3:*",
        "Resource": [f"{BUCKET}/*", BUCKET],
    },
)


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("s3:PutObject", f"{BUCKET}/notes.txt", True),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::*", True),
        ("s3:PutObject", "arn:aws:s3:::amzn-s3-demo-bucket-carlossalazar-logs/today", False),
        ("s3:PutObject", "arn:aws:s3:::somebody-elses-bucket/x", False),
        ("s3:GetObject", f"{BUCKET}/log-of-today", False),
    ],
)
def test_carlos_writes_to_his_bucket_but_not_to_logs(action: str, resource: str, *, allowed: bool) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html"""
    decision = ask(action, resource, identity=CARLOS_POLICY, by_resource=BUCKET_POLICY)
    assert decision.allowed is allowed


def test_reason_names_the_explicit_deny() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""
    denied = ask("s3:PutObject", f"{BUCKET}-logs/x", identity=CARLOS_POLICY)
    assert denied.reason == "with an explicit deny in an identity-based policy"
    implicit = ask("s3:PutObject", "arn:aws:s3:::other/x", identity=CARLOS_POLICY)
    assert implicit.reason == "because no identity-based policy allows the s3:PutObject action"


def test_either_policy_suffices_within_an_account() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html"""
    only_identity = ask("s3:PutObject", f"{BUCKET}/x", identity=CARLOS_POLICY)
    only_resource = ask("s3:PutObject", f"{BUCKET}/x", by_resource=BUCKET_POLICY)
    assert (only_identity.allowed, only_resource.allowed) == (True, True)
    assert not ask("s3:PutObject", f"{BUCKET}/x").allowed


PARTNER = role(f"arn:aws:iam::{OTHER_ACCOUNT}:role/partner")
MAY_SEND = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
ALLOWS = {**MAY_SEND, "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}}


@pytest.mark.parametrize("other", [True, False])
@pytest.mark.parametrize("own", [True, False])
def test_both_policies_are_needed_across_accounts(*, other: bool, own: bool) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html"""
    decision = ask(
        principal=PARTNER, identity=(MAY_SEND,) * other, by_resource=(ALLOWS,) * own, owner=ACCOUNT
    )
    assert decision.allowed is (other and own)


def test_account_principal_only_delegates_within_the_account() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts"""
    own = {**MAY_SEND, "Principal": {"AWS": ACCOUNT}}
    assert not ask(by_resource=(own,)).allowed
    assert ask(by_resource=(own,), identity=(MAY_SEND,)).allowed


def test_boundary_limits_the_roles_permissions() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"""
    boundary = ({"Effect": "Allow", "Action": ["s3:*", "cloudwatch:*"], "Resource": "*"},)
    grants = ({"Effect": "Allow", "Action": ["iam:CreateUser", "s3:GetObject"], "Resource": "*"},)
    denied = ask("iam:CreateUser", "*", identity=grants, boundary=boundary)
    assert denied.reason == "because no permissions boundary allows the iam:CreateUser action"
    assert ask("s3:GetObject", f"{BUCKET}/x", identity=grants, boundary=boundary).allowed
    assert not ask("cloudwatch:GetMetricData", "*", identity=grants, boundary=boundary).allowed


@pytest.mark.parametrize(
    ("named", "allowed"),
    [(f"arn:aws:iam::{ACCOUNT}:role/carlossalazar", False), ("session", True)],
)
def test_boundary_is_bypassed_only_when_the_session_is_named(named: str, *, allowed: bool) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic"""
    session = role(f"arn:aws:iam::{ACCOUNT}:role/carlossalazar", "today")
    principal = {"AWS": session.name if named == "session" else named}
    allows = {**MAY_SEND, "Principal": principal}
    assert ask(principal=session, by_resource=(allows,), boundary=()).allowed is allowed


@pytest.mark.parametrize(
    ("principal", "denied"),
    [
        (
            role(
                f"arn:aws:iam::{OTHER_ACCOUNT}:role/cross-account-read-only-role", "cross-account-audit-app"
            ),
            False,
        ),
        (role(f"arn:aws:iam::{OTHER_ACCOUNT}:role/cross-account-read-only-role", "somebody"), True),
        (role(f"arn:aws:iam::{OTHER_ACCOUNT}:role/another"), True),
        (CARLOS, True),
    ],
)
def test_not_principal_exempts_only_a_fully_listed_principal(principal: Principal, *, denied: bool) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html"""
    listed = [
        f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/cross-account-read-only-role/cross-account-audit-app",
        f"arn:aws:iam::{OTHER_ACCOUNT}:role/cross-account-read-only-role",
        f"arn:aws:iam::{OTHER_ACCOUNT}:root",
    ]
    denies = {"Effect": "Deny", "NotPrincipal": {"AWS": listed}, "Action": "s3:*", "Resource": "*"}
    allows = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    decision = ask(
        "s3:GetObject",
        f"{BUCKET}/x",
        principal=principal,
        identity=(everything,),
        by_resource=(denies, allows),
    )
    assert decision.allowed is not denied


def test_service_needs_the_resource_policy_and_its_source() -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html"""
    rule = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/rule-name"
    allows = {
        **MAY_SEND,
        "Principal": {"Service": "events.amazonaws.com"},
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    events = service("events.amazonaws.com")
    assert ask(principal=events, by_resource=(allows,), context={"aws:sourcearn": rule}).allowed
    assert not ask(principal=events, by_resource=(allows,), context={"aws:sourcearn": f"{rule}2"}).allowed
    assert not ask(principal=events, by_resource=(allows,)).allowed
    assert not ask(
        principal=service("sns.amazonaws.com"), by_resource=(allows,), context={"aws:sourcearn": rule}
    ).allowed


def test_not_action_and_not_resource_match_everything_else() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html"""
    all_but_iam = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert ask("s3:GetObject", f"{BUCKET}/x", identity=(all_but_iam,)).allowed
    assert not ask("iam:CreateUser", "*", identity=(all_but_iam,)).allowed
    hr_only = {
        "Effect": "Deny",
        "Action": "s3:*",
        "NotResource": ["arn:aws:s3:::HRBucket/Payroll", "arn:aws:s3:::HRBucket/Payroll/*"],
    }
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert ask("s3:GetObject", "arn:aws:s3:::HRBucket/Payroll/may", identity=(everything, hr_only)).allowed
    assert not ask("s3:GetObject", "arn:aws:s3:::HRBucket/Other", identity=(everything, hr_only)).allowed


def test_variable_is_replaced_by_its_value_or_default() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"""
    own = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'company-wide'}/*",
    }
    tagged = {"aws:principaltag/team": "yellow*"}
    assert ask("s3:GetObject", "arn:aws:s3:::bucket/yellow*/x", identity=(own,), context=dict(tagged)).allowed
    assert not ask(
        "s3:GetObject", "arn:aws:s3:::bucket/yellowish/x", identity=(own,), context=dict(tagged)
    ).allowed
    assert ask("s3:GetObject", "arn:aws:s3:::bucket/company-wide/x", identity=(own,)).allowed
    literal = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/${*}"}
    assert ask("s3:GetObject", "arn:aws:s3:::bucket/*", identity=(literal,)).allowed
    assert not ask("s3:GetObject", "arn:aws:s3:::bucket/x", identity=(literal,)).allowed


@pytest.mark.parametrize(("named", "allowed"), [("*", True), (CARLOS.name, False)])
def test_boundary_is_bypassed_by_everyone_but_not_a_role(named: str, *, allowed: bool) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic"""
    allows = {**MAY_SEND, "Principal": {"AWS": named}}
    assert ask(by_resource=(allows,), boundary=()).allowed is allowed


@pytest.mark.parametrize(("boundary", "allowed"), [(None, True), ((MAY_SEND,), False)])
def test_not_principal_always_denies_a_bounded_principal(
    boundary: tuple[dict[str, Any], ...] | None, *, allowed: bool
) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"""
    listed = [CARLOS.name, f"arn:aws:iam::{ACCOUNT}:root"]
    denies = {**MAY_SEND, "Effect": "Deny", "NotPrincipal": {"AWS": listed}}
    assert ask(identity=(MAY_SEND,), by_resource=(denies,), boundary=boundary).allowed is allowed


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_resource_policy_statement_without_principal_matches_nobody(effect: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"""
    statement = {**MAY_SEND, "Effect": effect}
    assert not ask(by_resource=(statement,)).allowed
    assert ask(identity=(MAY_SEND,), by_resource=(statement,)).allowed


@pytest.mark.parametrize("action", ["*:SendMessage", "s?s:SendMessage", "sqs*", "SendMessage"])
def test_action_with_a_wildcard_service_matches_nothing(action: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html"""
    assert not ask(identity=({**MAY_SEND, "Action": action},)).allowed


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        ("instance/*", True),
        ("*", True),
        ("*/i-1", False),
        ("inst*/i-1", False),
        ("${aws:kind, 'instance'}/*", True),
    ],
)
def test_wildcard_resource_type_matches_nothing(pattern: str, *, allowed: bool) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"""
    prefix = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:"
    grant = {"Effect": "Allow", "Action": "ec2:StartInstances", "Resource": prefix + pattern}
    assert ask("ec2:StartInstances", f"{prefix}instance/i-1", identity=(grant,)).allowed is allowed


def test_missing_variable_in_not_resource_matches_nothing() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"""
    grant = {"Effect": "Allow", "Action": "sqs:*", "NotResource": "arn:aws:sqs:*:*:${aws:PrincipalTag/team}"}
    assert not ask(identity=(grant,)).allowed
    assert ask(identity=(grant,), context={"aws:principaltag/team": "other"}).allowed


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/other"),
        ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"),
    ],
)
def test_trust_and_key_policies_are_always_needed(action: str, resource: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html"""
    identity = {"Effect": "Allow", "Action": action, "Resource": resource}
    account = {**identity, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    assert not ask(action, resource, identity=(identity,)).allowed
    assert ask(action, resource, identity=(identity,), by_resource=(account,)).allowed


def test_anonymous_caller_needs_a_public_resource_policy() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous"""
    public, account = {**MAY_SEND, "Principal": "*"}, {**MAY_SEND, "Principal": {"AWS": ACCOUNT}}
    assert ask(principal=ANONYMOUS, by_resource=(public,)).allowed
    assert not ask(principal=ANONYMOUS, by_resource=(account,)).allowed


def test_caller_identity_is_returned_even_when_denied() -> None:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""
    denies = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    assert ask("sts:GetCallerIdentity", "*", identity=(denies,)).allowed
