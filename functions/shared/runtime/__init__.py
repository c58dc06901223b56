"""The base of every Lambda function: entry points, clients, deadlines, metrics and dead-lettering."""

import logging
import sys
from importlib import import_module
from types import ModuleType


class _ImportedAtFirstUse(ModuleType):
    """Stands for a module until somebody reads one of its attributes."""

    def __getattr__(self, name: str) -> object:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


# Otherwise the first log line asks asyncio for its task, and imports it:
# https://docs.python.org/3/library/logging.html#logging.logAsyncioTasks
vars(logging)["logAsyncioTasks"] = False
# Powertools' batch processor imports it for its asynchronous variant: a tenth of a cold start.
sys.modules.setdefault("asyncio", _ImportedAtFirstUse("asyncio"))
