"""LocalEmu, the endpoint that knows bus policies and composite alarms, and runs no functions here."""

from pathlib import Path

from deploy_check.endpoint import HOST, REGION, Server
from deploy_check.interpreter import Interpreter


def localemu(interpreter: Interpreter, folder: Path, port: int) -> Server:
    """Return the server; whatever its settings, it binds the port on every interface."""
    return Server(
        (str(interpreter.programs / "python"), "-m", "localemu.runtime.main"),
        {
            "PATH": str(interpreter.programs),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "GATEWAY_LISTEN": f"{HOST}:{port}",
            "AWS_DEFAULT_REGION": REGION,
        },
        "/_localemu/health",
    )
