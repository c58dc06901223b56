"""A small CDK app with one resource of most types; it imports aws_cdk, so set JSII_NODE first."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_eventschemas as schemas
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm

SCHEMA = '{"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}'


def synthesize(code: Path, outdir: Path, *, references: str) -> None:
    """Write the assembly; cross-stack `references` are "strong" (exports) or "weak" (stack outputs)."""
    flag = "@aws-cdk/core:defaultCrossStackReferences"
    app = cdk.App(outdir=str(outdir), analytics_reporting=True, context={flag: references})
    here = cdk.Environment(account="123456789012", region="eu-west-1")
    storage = cdk.Stack(app, "storage", env=here)
    table = add_table(storage)
    queue = add_messaging(storage)
    functions = cdk.Stack(app, "functions", env=here)
    add_api(functions, add_function(functions, code, table, queue))
    app.synth()


def add_table(stack: cdk.Stack) -> dynamodb.TableV2:
    key = kms.Key(stack, "Key", alias="alias/shop", enable_key_rotation=True)
    ssm.StringParameter(stack, "Parameter", parameter_name="/shop/key", string_value=key.key_arn)
    return dynamodb.TableV2(
        stack,
        "Table",
        table_name="orders",
        partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
        sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
        dynamo_stream=dynamodb.StreamViewType.NEW_IMAGE,
        time_to_live_attribute="expires_at",
        deletion_protection=True,
        encryption=dynamodb.TableEncryptionV2.customer_managed_key(key),
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        global_secondary_indexes=[
            dynamodb.GlobalSecondaryIndexPropsV2(
                index_name="by-sk",
                partition_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            )
        ],
    )


def add_messaging(stack: cdk.Stack) -> sqs.Queue:
    dead = sqs.Queue(stack, "Dead", queue_name="jobs-dlq", enforce_ssl=True)
    queue = sqs.Queue(
        stack,
        "Queue",
        queue_name="jobs",
        visibility_timeout=cdk.Duration.minutes(3),
        dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=5, queue=dead),
    )
    topic = sns.Topic(stack, "Topic", topic_name="created")
    topic.add_subscription(
        subscriptions.SqsSubscription(
            queue,
            raw_message_delivery=True,
            dead_letter_queue=dead,
            filter_policy={"kind": sns.SubscriptionFilter.string_filter(allowlist=["a"])},
        )
    )
    add_bus(stack, topic, dead)
    add_schema(stack)
    cloudwatch.Alarm(
        stack,
        "Alarm",
        alarm_name="dead-letters",
        metric=dead.metric_approximate_number_of_messages_visible(),
        threshold=1,
        evaluation_periods=1,
    )
    return queue


def add_bus(stack: cdk.Stack, topic: sns.Topic, dead: sqs.Queue) -> None:
    bus = events.EventBus(stack, "Bus", event_bus_name="shop")
    bus.archive("Archive", event_pattern=events.EventPattern(source=["orders"]), archive_name="all")
    events.CfnEventBusPolicy(
        stack,
        "Policy",
        event_bus_name=bus.event_bus_name,
        statement_id="own",
        statement={
            "Effect": "Allow",
            "Principal": {"AWS": stack.account},
            "Action": "events:PutEvents",
            "Resource": bus.event_bus_arn,
        },
    )
    events.Rule(
        stack,
        "Rule",
        rule_name="created",
        event_bus=bus,
        event_pattern=events.EventPattern(source=["orders"], detail_type=["OrderCreated"]),
        targets=[targets.SnsTopic(topic, dead_letter_queue=dead, retry_attempts=2)],
    )


def add_schema(stack: cdk.Stack) -> None:
    registry = schemas.CfnRegistry(stack, "Registry", registry_name="shop")
    schema = schemas.CfnSchema(
        stack,
        "Schema",
        registry_name="shop",
        schema_name="orders.OrderCreated.v1",
        type="JSONSchemaDraft4",
        content=SCHEMA,
    )
    schema.add_dependency(registry)


def add_function(stack: cdk.Stack, code: Path, table: dynamodb.TableV2, queue: sqs.Queue) -> lambda_.Function:
    function = lambda_.Function(
        stack,
        "Function",
        function_name="consumer",
        runtime=lambda_.Runtime.PYTHON_3_13,
        architecture=lambda_.Architecture.ARM_64,
        handler="app.handler.handle",
        code=lambda_.Code.from_asset(str(code)),
        timeout=cdk.Duration.seconds(30),
        environment={"TABLE": table.table_name},
        layers=[lambda_.LayerVersion(stack, "Layer", code=lambda_.Code.from_asset(str(code)))],
        log_group=logs.LogGroup(
            stack, "Logs", log_group_name="/consumer", retention=logs.RetentionDays.ONE_WEEK
        ),
        tracing=lambda_.Tracing.ACTIVE,
        on_failure=destinations.SqsDestination(queue),
        retry_attempts=1,
    )
    table.grant_read_write_data(function)
    function.add_event_source(
        sources.SqsEventSource(queue, batch_size=10, report_batch_item_failures=True, max_concurrency=2)
    )
    function.add_event_source(
        sources.DynamoEventSource(
            table,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            bisect_batch_on_error=True,
            retry_attempts=3,
            on_failure=sources.SqsDlq(queue),
            filters=[lambda_.FilterCriteria.filter({"eventName": lambda_.FilterRule.is_equal("INSERT")})],
        )
    )
    lambda_.Alias(stack, "Alias", alias_name="live", version=function.current_version)
    return function


def add_api(stack: cdk.Stack, function: lambda_.Function) -> None:
    pool = cognito.UserPool(stack, "Customers", user_pool_name="customers", self_sign_up_enabled=True)
    client = pool.add_client("Client", auth_flows=cognito.AuthFlow(user_password=True))
    cognito.UserPoolResourceServer(stack, "Server", user_pool=pool, identifier="orders")
    issuer = f"https://cognito-idp.{stack.region}.{stack.url_suffix}/{pool.user_pool_id}"
    authorizer = authorizers.HttpJwtAuthorizer("Tokens", issuer, jwt_audience=[client.user_pool_client_id])
    api = apigateway.HttpApi(stack, "Api", api_name="shop")
    api.add_routes(
        path="/orders/{id}",
        methods=[apigateway.HttpMethod.GET],
        integration=integrations.HttpLambdaIntegration("Get", function),
        authorizer=authorizer,
        authorization_scopes=["orders/read"],
    )
    cdk.CfnOutput(stack, "Url", value=api.api_endpoint)
    cdk.CfnOutput(stack, "Pool", value=pool.user_pool_id)
