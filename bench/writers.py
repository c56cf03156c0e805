"""Four writers with overlapping batches at once: no error, no lost write, no double write."""

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bench.common import Http

BATCH, ONE = "/api/v1/measurements/batch/", "/api/v1/measurements/"


@dataclass
class Tally:
    """What the answers reported: revisions written, by figure (indicator, area, period), and unexpected answers."""

    batches: int = 0
    written: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)


def write(port: int, key: str, places: list[tuple[str, str, str]], seconds: float, writers: int = 4) -> Tally:
    """Post batches of a part of these figures (indicator, area, period) side by side, and single figures in between."""
    tally, lock, until = Tally(), threading.Lock(), time.monotonic() + seconds

    def run(number: int) -> None:
        chance, http = random.Random(number), Http(port, key)
        while time.monotonic() < until:
            chosen = chance.sample(places, len(places) * 2 // 3)
            rows = [_figure(place, chance.randrange(50)) for place in chosen]
            if chance.random() < 0.3:
                chosen, rows = chosen[:1], rows[:1]
                status, answer = http.call("POST", ONE, json.dumps(rows[0]).encode())
                results = [json.loads(answer)]
            else:
                status, answer = http.call("POST", f"{BATCH}?verbose=true", json.dumps(rows).encode())
                results = json.loads(answer).get("results", [])
            with lock:
                tally.batches += 1
                if status not in (200, 201) or len(results) != len(chosen):
                    tally.odd.append(f"{status} {answer[:300]!r}")
                tally.written.update(
                    place for place, result in zip(chosen, results, strict=False) if result.get("outcome") in _WRITES
                )
        http.connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


_WRITES = ("created", "revised")


def _figure(place: tuple[str, str, str], value: int) -> dict[str, Any]:
    indicator, area, period = place
    return {"indicator": indicator, "area": area, "period": period, "value": str(value)}
