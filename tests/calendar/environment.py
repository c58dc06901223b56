"""Keep the process's environment in one place, so that another thread may read it at any time.

The C library moves the environment when a variable is new, and frees what was there. libfaketime reads
it in each `pthread_cond_timedwait`, that is, whenever a thread waits for the interpreter; the process
then ends with SIGSEGV. https://sourceware.org/glibc/manual/latest/html_node/Environment-Access.html
"""

import ctypes
import os
import sys
from collections.abc import Callable
from typing import Any

ROOM = 10_000
"""Variables that fit; so many have to be set in one run before this fails."""


def never_move() -> None:
    """Copy the environment to an array with room, and set variables in it from now on."""
    if sys.platform != "linux":
        return
    environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    array = (ctypes.c_char_p * ROOM)()
    for place in range(ROOM):
        if environ[place] is None:
            break
        array[place] = environ[place]
    _keep(array)
    ctypes.c_void_p.in_dll(ctypes.CDLL(None), "environ").value = ctypes.addressof(array)
    os.putenv = _into(array)


def _into(array: Any) -> Callable[[Any, Any], None]:
    def put(name: Any, value: Any) -> None:
        prefix = os.fsencode(name) + b"="
        place = next(place for place, there in enumerate(array[: ROOM - 1]) if _is_free(there, prefix))
        text = ctypes.create_string_buffer(prefix + os.fsencode(value))
        _keep(text)
        array[place] = ctypes.cast(text, ctypes.c_char_p)

    return put


def _is_free(text: bytes | None, prefix: bytes) -> bool:
    return text is None or text.startswith(prefix)


def _keep(memory: Any) -> None:
    """Never free it: threads and the end of the process read the environment to the last."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(memory))
