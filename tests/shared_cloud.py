"""One offline cloud for the tests of a process: a deployment costs as much as a whole file of tests."""

import gc
import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

from pocketcloud import OfflineCloud
from pocketcloud.virtual_time.clock import START

GC_THRESHOLD = (500_000, 20, 20)
"""Most of what an hour of orders leaves is freed when the account is emptied, without a collection."""
MINUTE = timedelta(minutes=1)
READS = re.compile("(BatchGet|Describe|Get|Head|List|Query|Receive|Scan)")
DATA = re.compile(
    "(BatchWriteItem|(Delete|Put|Transact|Update).*Items?|(ChangeVisibility|Delete|Purge|Send).*(Message|Queue).*"
    "|CancelMessageMoveTask|Invoke|Publish|PublishBatch|PutEvents|PutMetricData|StartMessageMoveTask"
    "|StartReplay|CancelReplay|SendEmail|AdminCreateUser|AdminSetUserPassword|InitiateAuth)"
)


class SharedCloud:
    """The deployment of an assembly; after a test that changes it, the next file deploys again."""

    def __init__(self, assembly: Path) -> None:
        self._assembly = assembly
        self._cloud: OfflineCloud | None = None
        self._stack = ExitStack()
        self._is_changed = False
        self._max_steps = 0

    def opened(self) -> OfflineCloud:
        """Return the cloud as new: empty, with cold functions, at its first time."""
        if self._is_changed:
            self.close()
        if self._cloud is None:
            self._cloud = self._deployed()
        cloud = self._cloud
        cloud.services.runtime.sandboxes.drop()
        cloud.calls.middleware.clear()
        cloud.retry_after = None
        cloud.scheduler.max_steps = self._max_steps
        cloud.clock.restart(START - MINUTE)
        cloud.reset()
        return cloud

    def close(self) -> None:
        """Give moto, the clock and the environment back to the process."""
        self._stack.close()
        self._cloud, self._is_changed = None, False

    def _deployed(self) -> OfflineCloud:
        cloud = self._stack.enter_context(OfflineCloud.start(assembly=self._assembly))
        gc.set_threshold(*GC_THRESHOLD)  # until the cloud is closed
        self._max_steps = cloud.scheduler.max_steps
        call: Callable[..., Any] = vars(BaseClient)["_make_api_call"]

        def noted(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            self._is_changed |= not (READS.match(operation) or DATA.fullmatch(operation))
            return call(client, operation, parameters)

        self._stack.enter_context(patch.object(BaseClient, "_make_api_call", noted))
        return cloud
