"""Which AWS account, or which endpoint that speaks like one, a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from functions.views.store import PartialWriteError
from infrastructure.names import Names
from ops.exit_codes import ExitCode
from ops.failure import CommandError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A stage, and how to get there; what is left out is as the AWS command line would have it."""

    stage: str
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None

    @property
    def names(self) -> Names:
        """The names of the stage's resources."""
        return Names(self.stage)

    def dynamodb(self) -> "DynamoDBClient":
        """DynamoDB there."""
        session = boto3.Session(profile_name=self.profile, region_name=self.region)
        try:
            return session.client("dynamodb", endpoint_url=self.endpoint_url)
        except ValueError as error:
            raise CommandError(
                str(error), hint="--endpoint-url is like http://127.0.0.1:4566.", code=ExitCode.USAGE
            ) from error


@contextmanager
def refusals_said(*, hint: str) -> Iterator[None]:
    """What AWS refuses, or who cannot be reached, in one sentence and with this hint."""
    try:
        yield
    except (ClientError, BotoCoreError, PartialWriteError) as error:
        raise CommandError(str(error), hint=hint, code=ExitCode.AWS_REFUSED) from error
