"""`make test-browser`, and `make screens`: get a browser, then run pytest on this folder, or take the pictures."""

import sys
from pathlib import Path

import pytest

from tests.browser import chromium

HERE = Path(__file__).parent


def main() -> int:
    chromium.find_or_install()
    arguments = sys.argv[1:] or [str(HERE)]
    if arguments[0] == "screens":
        arguments[0] = str(HERE / "take_screens.py")
    return pytest.main(["-q", "--durations=10", *arguments])


if __name__ == "__main__":
    sys.exit(main())
