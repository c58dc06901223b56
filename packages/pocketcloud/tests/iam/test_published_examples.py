"""AWS's own examples of its evaluation logic come out as AWS says they do."""

import pytest
from iam_questions import CARLOS, ELSEWHERE, HOME, ask

from pocketcloud.iam.principals import Principal, role, service

BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket-carlossalazar"
CARLOS_MAY = (
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
THE_BUCKET_SAYS = (
    {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{HOME}:role/carlossalazar"},
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
def test_carlos_saves_in_his_own_bucket_and_in_no_log(action: str, resource: str, *, allowed: bool) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html"""
    decision = ask(action, resource, identity=CARLOS_MAY, by_resource=THE_BUCKET_SAYS)
    assert decision.allowed is allowed


def test_the_explicit_deny_is_named() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""
    denied = ask("s3:PutObject", f"{BUCKET}-logs/x", identity=CARLOS_MAY)
    assert denied.because == "with an explicit deny in an identity-based policy"
    implicit = ask("s3:PutObject", "arn:aws:s3:::other/x", identity=CARLOS_MAY)
    assert implicit.because == "because no identity-based policy allows the s3:PutObject action"


def test_within_an_account_either_policy_suffices() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html"""
    only_identity = ask("s3:PutObject", f"{BUCKET}/x", identity=CARLOS_MAY)
    only_resource = ask("s3:PutObject", f"{BUCKET}/x", by_resource=THE_BUCKET_SAYS)
    assert (only_identity.allowed, only_resource.allowed) == (True, True)
    assert not ask("s3:PutObject", f"{BUCKET}/x").allowed


PARTNER = role(f"arn:aws:iam::{ELSEWHERE}:role/partner")
MAY_SEND = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
ADMITS = {**MAY_SEND, "Principal": {"AWS": f"arn:aws:iam::{ELSEWHERE}:root"}}


@pytest.mark.parametrize("theirs", [True, False])
@pytest.mark.parametrize("ours", [True, False])
def test_across_accounts_it_takes_both(*, theirs: bool, ours: bool) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html"""
    decision = ask(principal=PARTNER, identity=(MAY_SEND,) * theirs, by_resource=(ADMITS,) * ours, owner=HOME)
    assert decision.allowed is (theirs and ours)


def test_naming_an_account_only_delegates_within_it() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts"""
    own = {**MAY_SEND, "Principal": {"AWS": HOME}}
    assert not ask(by_resource=(own,)).allowed
    assert ask(by_resource=(own,), identity=(MAY_SEND,)).allowed


def test_a_boundary_is_the_most_a_role_may() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"""
    boundary = ({"Effect": "Allow", "Action": ["s3:*", "cloudwatch:*"], "Resource": "*"},)
    grants = ({"Effect": "Allow", "Action": ["iam:CreateUser", "s3:GetObject"], "Resource": "*"},)
    refused = ask("iam:CreateUser", "*", identity=grants, boundary=boundary)
    assert refused.because == "because no permissions boundary allows the iam:CreateUser action"
    assert ask("s3:GetObject", f"{BUCKET}/x", identity=grants, boundary=boundary).allowed
    assert not ask("cloudwatch:GetMetricData", "*", identity=grants, boundary=boundary).allowed


@pytest.mark.parametrize(
    ("named", "allowed"),
    [(f"arn:aws:iam::{HOME}:role/carlossalazar", False), ("session", True)],
)
def test_a_resource_that_names_the_session_goes_past_the_boundary_one_that_names_the_role_does_not(
    named: str, *, allowed: bool
) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic"""
    session = role(f"arn:aws:iam::{HOME}:role/carlossalazar", "today")
    principal = {"AWS": session.name if named == "session" else named}
    admits = {**MAY_SEND, "Principal": principal}
    assert ask(principal=session, by_resource=(admits,), boundary=()).allowed is allowed


@pytest.mark.parametrize(
    ("principal", "denied"),
    [
        (
            role(f"arn:aws:iam::{ELSEWHERE}:role/cross-account-read-only-role", "cross-account-audit-app"),
            False,
        ),
        (role(f"arn:aws:iam::{ELSEWHERE}:role/cross-account-read-only-role", "somebody"), True),
        (role(f"arn:aws:iam::{ELSEWHERE}:role/another"), True),
        (CARLOS, True),
    ],
)
def test_not_principal_denies_everybody_but_the_one_all_of_whose_names_are_listed(
    principal: Principal, *, denied: bool
) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html"""
    listed = [
        f"arn:aws:sts::{ELSEWHERE}:assumed-role/cross-account-read-only-role/cross-account-audit-app",
        f"arn:aws:iam::{ELSEWHERE}:role/cross-account-read-only-role",
        f"arn:aws:iam::{ELSEWHERE}:root",
    ]
    refuses = {"Effect": "Deny", "NotPrincipal": {"AWS": listed}, "Action": "s3:*", "Resource": "*"}
    admits = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    decision = ask(
        "s3:GetObject",
        f"{BUCKET}/x",
        principal=principal,
        identity=(everything,),
        by_resource=(refuses, admits),
    )
    assert decision.allowed is not denied


def test_a_service_needs_the_resource_s_own_policy_with_its_source() -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html"""
    rule = f"arn:aws:events:us-east-1:{HOME}:rule/rule-name"
    admits = {
        **MAY_SEND,
        "Principal": {"Service": "events.amazonaws.com"},
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    events = service("events.amazonaws.com")
    assert ask(principal=events, by_resource=(admits,), context={"aws:sourcearn": rule}).allowed
    assert not ask(principal=events, by_resource=(admits,), context={"aws:sourcearn": f"{rule}2"}).allowed
    assert not ask(principal=events, by_resource=(admits,)).allowed
    assert not ask(
        principal=service("sns.amazonaws.com"), by_resource=(admits,), context={"aws:sourcearn": rule}
    ).allowed


def test_not_action_and_not_resource_are_everything_else() -> None:
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


def test_a_variable_is_the_caller_s_own_value_and_its_default_where_there_is_none() -> None:
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
