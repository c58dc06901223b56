"""CloudTrail and AWS Backup, which record and copy; offline neither is needed."""

from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

NO_RECORD = "`cloud.journal` and `cloud.calls` have every call offline"
VAULT = ("AccessPolicy", "BackupVaultTags", "EncryptionKeyArn", "LockConfiguration", "Notifications")
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


NO_COPY = "copies are not made offline, where a table lives as long as the process"


def _ignore_vault(request: CreateRequest) -> Created:
    name = request.properties["BackupVaultName"]
    arn = request.account.arn("backup", f"backup-vault:{name}")
    return Created(ref=name, attributes={"BackupVaultArn": arn, "BackupVaultName": name})


def _ignore_plan(request: CreateRequest) -> Created:
    plan = request.logical_id
    arn = request.account.arn("backup", f"backup-plan:{plan}")
    return Created(ref=plan, attributes={"BackupPlanArn": arn, "BackupPlanId": plan, "VersionId": "1"})


def _ignore_selection(request: CreateRequest) -> Created:
    plan, selection = request.properties["BackupPlanId"], request.logical_id
    attributes = {"BackupPlanId": plan, "SelectionId": selection, "Id": f"{selection}_{plan}"}
    return Created(ref=f"{selection}_{plan}", attributes=attributes)


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
    ResourceType(
        name="AWS::Backup::BackupVault",
        create=_ignore_vault,
        supported=frozenset({"BackupVaultName"}),
        ignored=dict.fromkeys(VAULT, NO_COPY),
        not_enforced=NO_COPY,
    ),
    ResourceType(
        name="AWS::Backup::BackupPlan",
        create=_ignore_plan,
        supported=frozenset(),
        ignored={"BackupPlan": NO_COPY, "BackupPlanTags": NO_COPY},
        not_enforced=NO_COPY,
    ),
    ResourceType(
        name="AWS::Backup::BackupSelection",
        create=_ignore_selection,
        supported=frozenset({"BackupPlanId"}),
        ignored={"BackupSelection": NO_COPY},
        not_enforced=NO_COPY,
    ),
)
