"""The permissions of a pipe's role that each poll of its source needs."""

from collections.abc import Sequence

from moto.pipes.models import Pipe

from pocketcloud.core.engine import Engine
from pocketcloud.iam.access_request import AccessRequest
from pocketcloud.iam.account_policies import UnknownRoleError
from pocketcloud.iam.principals import role

PIPES = "pipes.amazonaws.com"


class PipePermission:
    """A pipe's permission to poll; after a denial it waits until policies change."""

    def __init__(self, engine: Engine, pipe: Pipe, actions: Sequence[str]) -> None:
        self._access = engine.access
        self._pipe = pipe
        self._actions = actions
        self._denied_generation: int | None = None

    @property
    def is_denied(self) -> bool:
        """Whether the current policies denied a poll."""
        return self._denied_generation == self._access.generation

    def check(self) -> bool:
        """Return whether Pipes may assume the role, and the role may poll the source."""
        is_allowed = self._allows()
        if not is_allowed:
            self._denied_generation = self._access.generation
        return is_allowed

    def _allows(self) -> bool:
        access, arn, source = self._access, self._pipe.role_arn, self._pipe.source
        try:
            if access.authorize_service(PIPES, "sts:AssumeRole", arn, source_arn=str(self._pipe.arn)):
                return False
            principal = role(arn, PIPES)
            return not any(access.authorize(principal, AccessRequest(each, source)) for each in self._actions)
        except UnknownRoleError:
            return False
