"""What part of the source the tests ran, printed, and held against a floor for each kind of package."""

import subprocess
import sys

# Percent of lines and branches together. The rules stand in the first, and in the second what writes.
FLOORS = {"*/domain/*": 95, "*/services/*": 90}


def coverage_holds() -> bool:
    """Print the report of the run that has just ended. False if a floor is not reached."""
    coverage = [sys.executable, "-m", "coverage"]
    # Each process has written a file of its own; those of programs that a test killed may be cut short.
    subprocess.run([*coverage, "combine", "--quiet"], check=False)
    command = [*coverage, "report"]
    subprocess.run([*command, "--skip-covered"], check=False)
    reached = True
    for pattern, floor in FLOORS.items():
        totals = ["--include", pattern, "--format", "total"]
        done = subprocess.run([*command, *totals], capture_output=True, text=True, check=False)
        percent = int(done.stdout) if done.stdout.strip().isdigit() else 0
        print(f"Coverage of {pattern}: {percent} %, at least {floor} % wanted", flush=True)
        reached = reached and percent >= floor
    return reached
