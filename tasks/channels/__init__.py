"""Ways out: a channel sends one delivery and returns what the other side answered."""

from collections.abc import Callable

from targets.models import Delivery
from tasks.channels import chat, email, webhook

CHANNELS: dict[str, Callable[[Delivery], str]] = {
    "chat": chat.send,
    "email": email.send,
    "webhook": webhook.send,
}
