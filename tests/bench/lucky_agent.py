"""The agent as it is, but for the pauses after a lost link, which are always the shortest.

Started by the bench: where a link is cut a hundred times in minutes instead of in months, those pauses, which grow, would
be all that is measured.
"""

import sys

from device_agent.__main__ import compose

if __name__ == "__main__":
    compose(sys.argv[1:], lambda: 0.0).run()
