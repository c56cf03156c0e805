"""The process that speaks to a chat: reads {url, title, body} from standard input, exits with 0 when it was taken."""

import json
import sys

from apprise import Apprise


def main() -> int:
    letter = json.load(sys.stdin)
    speaker = Apprise()
    # Services refuse what is too long for them: it goes in several messages.
    url = letter["url"]
    if not speaker.add(f"{url}{'&' if '?' in url else '?'}overflow=split"):
        return 2
    return 0 if speaker.notify(title=letter["title"], body=letter["body"]) else 1


if __name__ == "__main__":
    sys.exit(main())
