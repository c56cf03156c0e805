"""What every process does when it loads the apps."""

import gc


def test_the_garbage_collector_runs_and_leaves_out_what_was_loaded_at_start() -> None:
    assert gc.isenabled()
    assert gc.get_freeze_count() > 10_000
