"""Derives the grades of all customers anew, in as many processes as the machine has cores: for changed rules, or when in doubt.

Memory holds some portions at a time, however many customers there are.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import cache, partial

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from inboxcrm.grading.queries import InBase, all_customers
from inboxcrm.grading.regrade import PORTION, Derived, derive, keep
from inboxcrm.grading.rules import GradingRules
from inboxcrm.matching.lookup import chunks
from inboxcrm.matching.turn import wait_turn
from inboxcrm.model import Customer
from inboxcrm.model.database import looking, open_engine, writing

_TOGETHER = 6 * PORTION
"""Customers of one transaction: mail that arrives meanwhile waits for it, so it must be short."""
_WORTH_PROCESSES = 5_000
"""With fewer customers it is done before the processes have started."""

_Derive = Callable[[list[range]], Iterator[Derived]]


def regrade_everybody(engine: Engine, rules: GradingRules, in_base: InBase, now: datetime) -> int:
    """Derives the grades of all customers anew, up to `now`; returns how many have another one now. `in_base` must be picklable.

    For each group of customers, in one transaction: 1. Keep everybody else from writing. 2. Let the processes derive, a portion
    each; they see what was committed before. 3. Keep what comes back, while they go on.
    """
    moved, after = 0, 0
    with _deriving(engine, rules, in_base, now) as derived_of:
        while True:
            with writing(engine) as session:
                wait_turn(session)
                ids = all_customers(session, after, _TOGETHER)
                portions = [range(some[0], some[-1] + 1) for some in chunks(ids, PORTION)]
                for derived in derived_of(portions):
                    keep(session, derived)
                    moved += len(derived.moved)
            if len(ids) < _TOGETHER:
                return moved
            after = ids[-1]


@contextmanager
def _deriving(engine: Engine, rules: GradingRules, in_base: InBase, now: datetime) -> Iterator[_Derive]:
    """How portions are derived: in processes where that pays, else right here."""
    with looking(engine) as session:
        customers = session.scalar(select(func.count()).select_from(Customer)) or 0
    url = engine.url.render_as_string(hide_password=False)
    here = partial(_derived, url, rules=rules, in_base=in_base, now=now)
    processes = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if processes < 2 or customers < _WORTH_PROCESSES:
        yield partial(map, here)
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        yield partial(pool.map, here)


def _derived(url: str, ids: range, rules: GradingRules, in_base: InBase, now: datetime) -> Derived:
    with Session(_engine(url)) as session:
        return derive(session, ids, rules, in_base, now)


@cache
def _engine(url: str) -> Engine:
    """This process's own."""
    return open_engine(url)
