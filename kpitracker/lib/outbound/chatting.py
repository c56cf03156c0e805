"""Sends one chat message: reads {url, title, body} as JSON from stdin, exits with 0 when the service accepted it."""

import json
import sys

from apprise import Apprise


def main() -> int:
    letter = json.load(sys.stdin)
    speaker = Apprise()
    # Services refuse texts that are too long: split them into several messages.
    url = letter["url"]
    if not speaker.add(f"{url}{'&' if '?' in url else '?'}overflow=split"):
        return 2
    return 0 if speaker.notify(title=letter["title"], body=letter["body"]) else 1


if __name__ == "__main__":
    sys.exit(main())
