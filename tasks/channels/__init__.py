"""Channels: each sends one delivery and returns the response of the receiver."""

from collections.abc import Callable

from targets.models import Delivery
from tasks.channels import chat, email, webhook

CHANNELS: dict[str, Callable[[Delivery], str]] = {
    "chat": chat.send,
    "email": email.send,
    "webhook": webhook.send,
}
