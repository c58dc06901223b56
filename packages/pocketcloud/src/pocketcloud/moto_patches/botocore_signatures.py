"""Compute no signature of a request that moto responds to: nothing checks it, and it takes time.

The header names the access key, the region and the service as always; moto reads them.
"""

from collections.abc import Callable
from typing import Any

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest

from pocketcloud.moto_patches.moto_patch import MotoPatch

_AWS = ".amazonaws.com/"
_NO_SIGNATURE = "0" * 64


def patches() -> list[MotoPatch]:
    """Return the patches of AWS's Signature Version 4."""
    original_request: Callable[..., str] = vars(SigV4Auth)["canonical_request"]
    original_signature: Callable[..., str] = vars(SigV4Auth)["signature"]

    def canonical_request(auth: SigV4Auth, request: AWSRequest) -> str:
        return "" if _is_unchecked(auth, request) else original_request(auth, request)

    def signature(auth: SigV4Auth, string_to_sign: str, request: AWSRequest) -> str:
        return (
            _NO_SIGNATURE
            if _is_unchecked(auth, request)
            else original_signature(auth, string_to_sign, request)
        )

    return [
        MotoPatch(SigV4Auth, "canonical_request", "self request", canonical_request, is_direct=True),
        MotoPatch(SigV4Auth, "signature", "self string_to_sign request", signature, is_direct=True),
    ]


def _is_unchecked(auth: SigV4Auth, request: Any) -> bool:
    """Whether it is an ordinary request to AWS, and neither a presigned URL nor one to a server."""
    return type(auth) in (SigV4Auth, S3SigV4Auth) and _AWS in request.url
