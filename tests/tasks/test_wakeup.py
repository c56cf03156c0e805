"""Ringing the broker without waiting for it."""

import threading

from tasks.wakeup import WakeupNotifier


def test_rings_that_come_while_one_is_published_become_one() -> None:
    entered, go = threading.Event(), threading.Event()
    published: list[str] = []

    def publish(task: str) -> None:
        published.append(task)
        entered.set()
        go.wait(60)

    bell = WakeupNotifier(publish)
    bell.request_task("assess")
    assert entered.wait(60)
    for _ in range(100):
        bell.request_task("assess")
    go.set()
    assert bell.flush(60)
    assert 1 <= len(published) <= 2


def test_a_ring_during_the_publishing_of_the_same_is_not_lost() -> None:
    inside, go = threading.Event(), threading.Event()
    published: list[str] = []

    def publish(task: str) -> None:
        published.append(task)
        if len(published) == 1:
            inside.set()
            go.wait(60)

    bell = WakeupNotifier(publish)
    bell.request_task("assess")
    assert inside.wait(60)
    bell.request_task("assess")
    go.set()
    assert bell.flush(60)
    # The first message may have been taken before the second figure was committed: it must ring again.
    assert published == ["assess", "assess"]


def test_a_broker_that_fails_is_left_alone_for_a_while_and_nobody_sees_an_error() -> None:
    tries: list[str] = []

    def publish(task: str) -> None:
        tries.append(task)
        raise ConnectionError

    bell = WakeupNotifier(publish)
    for _ in range(3):
        bell.request_task("assess")
        assert bell.flush(60)
    assert len(tries) == 1


def test_ringing_does_not_wait_for_a_silent_broker() -> None:
    silent = threading.Event()

    def publish(task: str) -> None:
        silent.wait(300)

    bell = WakeupNotifier(publish)
    bell.request_task("assess")
    returned = threading.Event()

    def ring() -> None:
        bell.request_task("assess")
        returned.set()

    threading.Thread(target=ring, daemon=True).start()
    assert returned.wait(60)
    assert not bell.flush(0.05)
    silent.set()
    assert bell.flush(60)
