"""SES: send emails to customers."""

from functions.notifications.contacts import contacts
from functions.notifications.templates import Email
from functions.shared.runtime.clients import ses
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import retries
from functions.shared.runtime.telemetry import telemetry_of


def send(email: Email) -> None:
    """Send the email to the order's contact through SES, unless the order is muted.

    Retry a few times if SES throttles it.
    """
    address = contacts().address()
    if contacts().is_muted:
        telemetry_of("notifications").count("EmailSuppressed")
        return
    retries().run(
        lambda: ses().send_email(
            FromEmailAddress=required("SENDER_ADDRESS"),
            Destination={"ToAddresses": [address]},
            Content={
                "Simple": {"Subject": {"Data": email.subject}, "Body": {"Text": {"Data": email.body}}},
            },
        )
    )
