"""`python -m tests.flows.faulty_sender DATABASE`: the wrong way round, to show that killing finds it.

It notes a message as sent, then sends it; refused, it notes that it has to be sent again. Killed in between it has
lost the message.
"""

import sys
import urllib.error
import urllib.request
from typing import Any
from uuid import UUID

from tests.flows.sql import connect

NEXT = "SELECT d.id, w.url FROM targets_delivery d JOIN targets_webhook w ON w.id = d.webhook_id WHERE d.state = 'pending' LIMIT 1"


def send(message: str, url: str) -> bool:
    request = urllib.request.Request(url, b"{}", {"webhook-id": message})
    try:
        with urllib.request.urlopen(request, timeout=10):
            return True
    except urllib.error.HTTPError:
        return False


def mark(connection: Any, key: object, as_: str) -> None:
    connection.execute(f"UPDATE targets_delivery SET {as_} WHERE id = '{key}'")  # noqa: S608


def main() -> None:
    with connect(sys.argv[1]) as connection:
        while row := connection.execute(NEXT).fetchone():
            key, url = row
            mark(connection, key, "state = 'sent', sent_at = due_at")
            if not send(str(UUID(str(key))), url):
                mark(connection, key, "state = 'pending', sent_at = NULL")


if __name__ == "__main__":
    main()
