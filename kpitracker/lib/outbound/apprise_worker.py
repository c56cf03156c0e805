"""Sends one chat message: reads {url, title, body} as JSON from stdin, exits with 0 when the service accepted it."""

import json
import sys

from apprise import Apprise


def main() -> int:
    message = json.load(sys.stdin)
    client = Apprise()
    # Services refuse texts that are too long: split them into several messages.
    url = message["url"]
    if not client.add(f"{url}{'&' if '?' in url else '?'}overflow=split"):
        return 2
    return 0 if client.notify(title=message["title"], body=message["body"]) else 1


if __name__ == "__main__":
    sys.exit(main())
