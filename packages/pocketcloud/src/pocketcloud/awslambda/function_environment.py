"""The environment variables that Lambda sets for every function.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
"""

from pathlib import Path

from moto.awslambda.models import LambdaFunction

from pocketcloud.core.process_environment import ISOLATION

# There is no X-Ray daemon offline.
_NO_TRACING = {"POWERTOOLS_TRACE_DISABLED": "true", "AWS_XRAY_SDK_ENABLED": "false"}


def environment(function: LambdaFunction, bundle: Path) -> dict[str, str]:
    """Return all variables of the function: Lambda's, the isolation, then its own configuration."""
    return {
        "_HANDLER": str(function.handler),
        "AWS_DEFAULT_REGION": function.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.function_name}",
        "AWS_REGION": function.region,
        "AWS_SESSION_TOKEN": "offline",
        "LAMBDA_TASK_ROOT": str(bundle),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        **ISOLATION,
        **_NO_TRACING,
        **{name: str(value) for name, value in function.environment_vars.items()},
    }
