"""What can go wrong while cdk.out is deployed; each message says where and what to do about it."""


class DeployError(Exception):
    """The assembly cannot be deployed; nothing may be concluded from what was created so far."""


class AssemblyError(DeployError):
    """The cloud assembly is missing, incomplete or of a kind that is not read here."""


class TemplateError(DeployError):
    """The template is wrong at a place that the message names: stack, logical id and property."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")


class UnsupportedResource(DeployError):  # noqa: N818 - printed as the first word of what a person reads
    """The template holds resource types or properties that the offline cloud would not carry out."""

    def __init__(self, findings: list[str]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(["not supported offline, so nothing was deployed:", *findings]))


class ResourceError(DeployError):
    """AWS would refuse this resource as it is written."""
