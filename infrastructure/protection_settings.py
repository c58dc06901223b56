"""The settings of what protects a stage's data beside its own tables. No CDK."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

_PARTITION, _ACCOUNT = "arn:aws(-cn|-us-gov)?", "[0-9]{12}"
DomainName = Annotated[str, Meta(pattern=r"^([a-z0-9-]{1,63}\.)+[a-z]{2,63}$")]
GlobalCertificateArn = Annotated[
    str, Meta(pattern=rf"^{_PARTITION}:acm:us-east-1:{_ACCOUNT}:certificate/[a-f0-9-]{{36}}$")
]
"""CloudFront reads certificates of this region alone."""
GlobalWebAclArn = Annotated[
    str, Meta(pattern=rf"^{_PARTITION}:wafv2:us-east-1:{_ACCOUNT}:global/webacl/[\w-]+/[a-f0-9-]{{36}}$")
]


class EdgeSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """CloudFront with a web ACL in front of the HTTP API, which then accepts only this distribution."""

    name: DomainName
    """The address for clients; the stage's `domain` is then the origin's alone."""
    certificate_arn: GlobalCertificateArn
    web_acl_arn: GlobalWebAclArn
    client_certificate_arn: GlobalCertificateArn
    """The certificate that the distribution shows to the API's domain."""
    truststore_uri: Annotated[str, Meta(pattern=r"^s3://[a-z0-9.-]{3,63}/\S+$")]
    """The authority that signed it, and nobody else's: a file in a bucket of the stage's region."""


class DataEvents(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A trail of what people and other systems write to the stage's tables, queues, topics and buses."""

    retention_days: Annotated[int, Meta(ge=1, le=3653)]


class Backup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A daily copy of every table in a vault of AWS Backup."""

    hour_utc: Annotated[int, Meta(ge=0, le=23)]
    retention_days: Annotated[int, Meta(ge=1, le=36500)]
    lock: Literal["none", "governance", "compliance"]
    """Protection of a copy before its time; after three days of `compliance` not even AWS deletes it."""
