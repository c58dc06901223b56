"""CloudTrail and AWS Backup, which record and copy; offline neither is needed."""

from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

NO_RECORD = "`cloud.journal` and `cloud.calls` have every call offline"
TRAIL = (
    "AdvancedEventSelectors",
    "CloudWatchLogsLogGroupArn",
    "CloudWatchLogsRoleArn",
    "EnableLogFileValidation",
    "EventSelectors",
    "IncludeGlobalServiceEvents",
    "InsightSelectors",
    "IsLogging",
    "IsMultiRegionTrail",
    "IsOrganizationTrail",
    "KMSKeyId",
    "S3BucketName",
    "S3KeyPrefix",
    "SnsTopicName",
)


def _ignore_trail(request: CreateRequest) -> Created:
    name = request.name("TrailName", max_characters=128)
    return Created(ref=name, attributes={"Arn": request.account.arn("cloudtrail", f"trail/{name}")})


TYPES = (
    ResourceType(
        name="AWS::CloudTrail::Trail",
        create=_ignore_trail,
        supported=frozenset({"TrailName"}),
        ignored={**TAGS, **dict.fromkeys(TRAIL, NO_RECORD)},
        not_enforced=NO_RECORD,
    ),
)
