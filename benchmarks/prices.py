"""List prices of us-east-1 in dollars, without the free tier, from the pricing pages of 2026."""

PER_MILLION = {
    "HTTP API requests": 1.00,
    "Lambda requests": 0.20,
    "DynamoDB write units": 0.625,
    "DynamoDB read units": 0.125,
    "EventBridge events": 1.00,
    "SNS publishes": 0.50,
    "SQS requests": 0.40,
    "SES emails": 100.00,
}

PER_GIGABYTE_SECOND = 0.0000133334
"""Lambda on arm64."""

PER_ALARM_AND_MONTH = 0.10
PER_COMPOSITE_ALARM_AND_MONTH = 0.50
