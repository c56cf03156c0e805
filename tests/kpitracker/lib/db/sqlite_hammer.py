"""Writers that read, think and write, for the test of the gate: a program of its own, to be killed or multiplied.

`python -m tests.kpitracker.lib.db.sqlite_hammer ENGINE DATABASE THREADS ROUNDS` prints one JSON object at the end.
"""

import json
import sys
import threading
import time

from django.conf import settings

ENGINE, DATABASE, THREADS, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
settings.configure(DATABASES={"default": {"ENGINE": ENGINE, "NAME": DATABASE, "OPTIONS": {"timeout": 20}}}, USE_TZ=True)

from django.db import DatabaseError, connection, transaction  # noqa: E402 (needs the settings)

done: list[float] = []
errors: list[str] = []


def add_one() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT n FROM counter")
        seen = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM log")
        cursor.execute("UPDATE counter SET n = %s", [seen + 1])
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO log (n) VALUES (%s)", [seen + 1])


def hammer() -> None:
    for _ in range(ROUNDS):
        started = time.perf_counter()
        try:
            add_one()
            done.append(time.perf_counter() - started)
        except DatabaseError as error:
            errors.append(str(error))
    connection.close()


def main() -> None:
    threads = [threading.Thread(target=hammer) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waits = sorted(done) or [0.0]
    report = {"done": len(done), "errors": errors, "p99": waits[int(len(waits) * 0.99)], "worst": waits[-1]}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
