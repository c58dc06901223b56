"""Sessions of the tests: each is new, and all read botocore's service models once per process."""

from functools import cache

import boto3
import botocore.session
from botocore.loaders import Loader, create_loader


def new_session(key: str | None = None, secret: str | None = None) -> boto3.Session:
    """Return a session with these credentials, or those of the environment."""
    core = botocore.session.Session()
    loader = _loader()
    core.register_component("data_loader", loader)
    session = boto3.Session(key, secret, region_name="eu-west-1", botocore_session=core)
    # boto3 adds its folder for every session.
    loader.search_paths[:] = dict.fromkeys(loader.search_paths)
    return session


@cache
def _loader() -> Loader:
    return create_loader()
