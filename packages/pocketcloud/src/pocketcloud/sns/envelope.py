"""The body of a notification without raw delivery, signed as SNS signs it.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import CertificateBuilder, Name, NameAttribute, random_serial_number
from cryptography.x509.oid import NameOID
from moto.sns.models import Subscription

from pocketcloud.sns.notification import Notification

_VALID = timedelta(days=365)
_KEY_BITS, _EXPONENT = 2048, 65537
_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "1": hashes.SHA1(),  # noqa: S303 - SNS's signature version 1
    "2": hashes.SHA256(),
}
_CERTIFICATE = "SimpleNotificationService-pocketcloud.pem"


def envelope(subscription: Subscription, sent: Notification, at: datetime) -> str:
    """Return the notification's JSON, with the signature version of the topic."""
    topic = subscription.topic
    region = topic.arn.split(":")[3]
    signed = {
        "Type": "Notification",
        "MessageId": sent.message_id,
        "TopicArn": topic.arn,
        **({"Subject": sent.subject} if sent.subject else {}),
        "Message": sent.message,
        "Timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
    }
    version = str(getattr(topic, "signature_version", None) or "1")
    # moto serves the certificate at this address.
    topic.sns_backend._message_public_keys[_CERTIFICATE] = _certificate()  # noqa: SLF001 - moto's only store
    host = f"https://sns.{region}.amazonaws.com"
    unsubscribe = f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription.arn}"
    return json.dumps(
        {
            **signed,
            **({"SequenceNumber": sent.sequence_number} if sent.sequence_number else {}),
            "SignatureVersion": version,
            "Signature": _sign(signed, version),
            "SigningCertURL": f"{host}/{_CERTIFICATE}",
            "UnsubscribeURL": unsubscribe,
            **({"MessageAttributes": dict(sent.attributes)} if sent.attributes else {}),
        }
    )


def _sign(signed: Mapping[str, str], version: str) -> str:
    text = "".join(f"{name}\n{value}\n" for name, value in sorted(signed.items()))
    signature = _key().sign(text.encode(), padding.PKCS1v15(), _HASHES[version])
    return base64.b64encode(signature).decode()


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(_EXPONENT, _KEY_BITS)


@cache
def _certificate() -> bytes:
    name = Name([NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(UTC)
    built = (
        CertificateBuilder(name, name, _key().public_key(), random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + _VALID)
        .sign(_key(), hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM)
