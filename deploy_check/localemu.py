"""LocalEmu, the endpoint that knows bus policies and composite alarms, and runs no functions here."""

from pathlib import Path

from deploy_check.endpoint import ACCOUNT, HOST, REGION, Server
from deploy_check.interpreter import Interpreter


def localemu(interpreter: Interpreter, folder: Path, port: int, *, iam: bool = False) -> Server:
    """Return the server; it binds the port on every interface, not only on the address of its settings.

    With IAM it evaluates the policies of every caller but root. It then denies the CDK's own roles their
    bucket, so nothing is deployed through them.
    """
    return Server(
        (str(interpreter.programs / "python"), "-m", "localemu.runtime.main"),
        {
            "PATH": str(interpreter.programs),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "GATEWAY_LISTEN": f"{HOST}:{port}",
            "AWS_DEFAULT_REGION": REGION,
            **({"IAM_ENFORCEMENT": "1", "ROOT_ACCESS_KEYS": ACCOUNT} if iam else {}),
        },
        "/_localemu/health",
    )
