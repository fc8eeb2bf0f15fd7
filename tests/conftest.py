"""How every test runs: properties without a clock of their own, since a busy machine is not a fault.

Loaded by pytest.
"""

import os

from hypothesis import settings

settings.register_profile("desk", deadline=None)
if not os.environ.get("CI"):  # there hypothesis loads its own: the same examples each time, and no deadline
    settings.load_profile("desk")
