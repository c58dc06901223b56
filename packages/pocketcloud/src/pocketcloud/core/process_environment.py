"""The AWS settings of this process, replaced while the offline cloud works and restored afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from botocore.loaders import Loader

ISOLATION = {
    # With it botocore would send what names a stream or table to hosts moto does not know.
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    # The developer's own profiles have no say here.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ACCESS_KEY_ID": "offline",
    "AWS_SECRET_ACCESS_KEY": "offline",
}
"""Variables that keep botocore inside the process; set for the cloud's own clients as well."""

_PREFIXES = ("AWS_", "BOTO", "MOTO_", "TEST_SERVER_MODE", "TEST_PROXY_MODE")
"""Every variable that the SDK or moto reads begins with one of these; names are added with each release.

https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
"""


@contextmanager
def shielded(**settings: str) -> Iterator[None]:
    """Hide the user's AWS settings, apply the isolation and these settings, and restore them at the end."""
    hidden = {name: os.environ.pop(name) for name in _aws_names()}
    os.environ.update(ISOLATION | settings)
    try:
        # ~/.aws/models would replace the SDK's own description of a service.
        with patch.object(Loader, "CUSTOMER_DATA_PATH", os.devnull):
            yield
    finally:
        for name in _aws_names():
            del os.environ[name]
        os.environ.update(hidden)


def _aws_names() -> list[str]:
    return [name for name in os.environ if name.startswith(_PREFIXES)]
