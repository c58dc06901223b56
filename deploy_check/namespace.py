"""A network namespace without any interface but the loopback one, for a server that binds all of them.

https://man7.org/linux/man-pages/man7/network_namespaces.7.html
"""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence

from deploy_check.failure import CheckError, require

_ALONE = ("unshare", "--map-root-user", "--net")
"""A user who is root in a user namespace may make a network namespace: no privilege is needed."""
_SET_FLAGS, _UP = 0x8914, 0x1
"""SIOCSIFFLAGS and IFF_UP: https://man7.org/linux/man-pages/man7/netdevice.7.html."""


def run_alone(arguments: Sequence[str]) -> int:
    """Run a module of ours in a new namespace; return its exit code.

    CheckError if this machine allows none.
    """
    if shutil.which(_ALONE[0]) is None or _run(*_ALONE, "true") != os.EX_OK:
        raise CheckError(
            "LocalEmu binds every interface, so it runs in a network namespace only, and"
            f" `{' '.join(_ALONE)} true` fails here. Use a Linux machine that allows user namespaces."
        )
    return _run(*_ALONE, sys.executable, "-m", *arguments)


def _run(*command: str) -> int:
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own commands


def use_loopback() -> None:
    """Switch the loopback interface on; CheckError if there is any other one."""
    names = [name for _, name in socket.if_nameindex()]
    require(met=names == ["lo"], otherwise=f"not in a network namespace of its own: {', '.join(names)}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sh", b"lo", _UP))
