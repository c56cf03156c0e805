"""Signatures of Standard Webhooks (https://www.standardwebhooks.com), version 1."""

import base64
import hashlib
import hmac
from collections.abc import Iterable

ENCODED_PREFIX = "whsec_"


def format_secret(secret: bytes) -> str:
    """A secret in the form that receivers get."""
    return ENCODED_PREFIX + base64.b64encode(secret).decode()


def signature_headers(*, secrets: Iterable[bytes], message: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers, with one signature for each secret: a receiver may still have the old secret."""
    signed_content = f"{message}.{timestamp}.".encode() + body
    signatures = [
        f"v1,{base64.b64encode(hmac.digest(secret, signed_content, hashlib.sha256)).decode()}" for secret in secrets
    ]
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
