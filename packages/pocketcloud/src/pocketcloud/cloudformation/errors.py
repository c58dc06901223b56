"""Deployment errors; each message says where the error is and how to fix it."""


class DeployError(Exception):
    """The assembly cannot be deployed; the account may hold some of its resources."""


class AssemblyError(DeployError):
    """The cloud assembly is missing, incomplete or unsupported."""


class TemplateError(DeployError):
    """The template has an error; the message names the stack, logical id and property."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")


_HINT = (
    "SUPPORTED.md of pocketcloud (`python -m pocketcloud supported`) lists what is supported. To proceed,"
    " leave these constructs out where a CDK context value, such as `cdk synth -c offline=true`, says so;"
    " or deploy placeholders, every use of which fails: `up --stub TYPE`, `OfflineCloud.start(stubs=[TYPE])`."
)


class UnsupportedResource(DeployError):  # noqa: N818 - printed as the first word of the error
    """The template has resource types or properties that the offline cloud does not support."""

    def __init__(self, findings: list[str]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(["not supported offline, so nothing was deployed:", *findings, _HINT]))


class ResourceError(DeployError):
    """AWS would reject this resource."""


class UnsupportedChange(DeployError):  # noqa: N818 - printed as the first word of the error
    """The new assembly changes deployed resources in ways that the offline cloud does not support."""

    def __init__(self, findings: list[str]) -> None:
        self.findings = tuple(findings)
        head = "not supported offline, so nothing was changed; start again to deploy everything afresh:"
        super().__init__("\n".join([head, *findings]))


class StackUpdateError(DeployError):
    """The update of a stack failed, and was undone."""

    def __init__(self, stack: str, reason: str, status: str) -> None:
        self.stack = stack
        super().__init__(f"{reason}\nstack {stack} is as it was before: {status}")
