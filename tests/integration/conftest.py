"""What tests with real servers share: one Dovecot for all, and a new user for each test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tests.servers.dovecot import Dovecot, running

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A server that lives as long as the tests; a test that stops or breaks its server starts one of its own with `running()`."""
    with running() as server:
        yield server


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    """The address of somebody with an empty mailbox whom no other test knows."""
    address = f"lina{next(_NUMBERS)}@brightvalve.example"
    dovecot.add_user(address)
    return address
