"""An example app that keeps notes: a REST API with CORS, an API key and a validator, and a function URL."""

import os
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_

CODE = Path(__file__).parent / "code"


class Notes(cdk.Stack):
    """All resources of the app."""

    def __init__(self, app: cdk.App) -> None:
        super().__init__(app, "notes")
        table = dynamodb.TableV2(
            self,
            "Table",
            table_name="notes",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        )
        function = lambda_.Function(
            self,
            "Function",
            function_name="notes",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="handler.handle",
            code=lambda_.Code.from_asset(str(CODE)),
        )
        table.grant_read_write_data(function)
        self.add_api(function)
        health = lambda_.Function(
            self,
            "Health",
            function_name="health",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="handler.health",
            code=lambda_.Code.from_asset(str(CODE)),
        )
        url = health.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)
        cdk.CfnOutput(self, "HealthUrl", value=url.url)

    def add_api(self, function: lambda_.Function) -> None:
        """Add the REST API: anyone may read a note, and writing one needs a key."""
        api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name="notes",
            default_integration=apigateway.LambdaIntegration(function),
            default_cors_preflight_options=apigateway.CorsOptions(
                allow_origins=["https://notes.example", "https://beta.notes.example"]
            ),
        )
        note = api.root.add_resource("notes").add_resource("{id}")
        note.add_method("GET")
        schema = apigateway.JsonSchema(
            type=apigateway.JsonSchemaType.OBJECT,
            required=["text"],
            properties={"text": apigateway.JsonSchema(type=apigateway.JsonSchemaType.STRING)},
        )
        note.add_method(
            "PUT",
            api_key_required=True,
            request_models={"application/json": api.add_model("Note", schema=schema)},
            request_validator_options=apigateway.RequestValidatorOptions(validate_request_body=True),
        )
        api.add_gateway_response(
            "Errors",
            type=apigateway.ResponseType.DEFAULT_4_XX,
            response_headers={"Access-Control-Allow-Origin": "'*'"},
        )
        plan = api.add_usage_plan("Plan")
        plan.add_api_stage(stage=api.deployment_stage)
        plan.add_api_key(api.add_api_key("Key", value="the-key-of-the-example-app"))


def synthesize(outdir: Path) -> None:
    """Write the cloud assembly."""
    app = cdk.App(outdir=str(outdir))
    Notes(app)
    app.synth()


if __name__ == "__main__":
    synthesize(Path(os.environ.get("CDK_OUTDIR", "cdk.out")))
