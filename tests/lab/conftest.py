"""The lab, where there can be one."""

import pytest

from tests.parts.lab import Lab, why_not


@pytest.fixture
def lab():
    """A switch without machines yet. Whoever is not root cannot have one, and is told so."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with Lab() as made:
        yield made
