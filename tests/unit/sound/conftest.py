"""What the tests of the sound room stand on.

Imported by pytest alone.
"""

import os

import pytest

from tests.rig.cards import RigCards, RigError, build


@pytest.fixture(scope="session")
def rig(tmp_path_factory: pytest.TempPathFactory) -> RigCards:
    """The cards of the rig. Where they cannot be built, a desk goes without them; the line before the main does not."""
    try:
        return build(tmp_path_factory.mktemp("rig"))
    except RigError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
