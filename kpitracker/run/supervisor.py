"""Run supervisor and end it with the foreground process: `python -m kpitracker.run.supervisor PARENT`."""

import os
import signal
import sys

from supervisor import supervisord

from kpitracker.env import ROOT
from kpitracker.run.parent_death import die_with_parent
from kpitracker.run.programs import SUPERVISOR_PID_VARIABLE


def main() -> None:
    os.environ[SUPERVISOR_PID_VARIABLE] = str(os.getpid())
    # SIGTERM: when the foreground process is killed, supervisor still stops its children in order.
    die_with_parent(signal.SIGTERM, parent=int(sys.argv[1]))
    supervisord.main(["-c", str(ROOT / "supervisord.conf")])


if __name__ == "__main__":
    main()
