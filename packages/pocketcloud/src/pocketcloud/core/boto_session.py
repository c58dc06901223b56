"""The boto3 session of the cloud's own clients."""

from functools import cache

import boto3
import botocore.session
from botocore.config import Config

from pocketcloud.core.engine import REGION


@cache
def shared_session() -> boto3.Session:
    """Return one session per process: most of an empty cloud's start-up time is loading botocore's models."""
    core = botocore.session.Session()
    # botocore would assemble its own text twice for each call.
    core.set_default_client_config(Config(user_agent="pocketcloud"))
    return boto3.Session("offline", "offline", region_name=REGION, botocore_session=core)
