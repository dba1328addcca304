"""The contract that every store keeps, as test classes for other people's suites.

Each case is written once, as a generator of commands, and is run on a store that answers or on one
that is awaited. The classes are made for pytest; they only need its fixtures, so that nothing but
the standard library is imported here.
"""

from __future__ import annotations

import asyncio
from inspect import isgeneratorfunction
from typing import TYPE_CHECKING, Any

from sessionware.testing import (
    cases_announce,
    cases_ask,
    cases_bar,
    cases_change,
    cases_count,
    cases_end,
    cases_enter,
    cases_gap,
    cases_invalid,
    cases_life,
    cases_list,
    cases_numbers,
    cases_orders,
    cases_places,
    cases_room,
    cases_told,
    cases_twice,
    cases_values,
    cases_way,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from sessionware.store import AsyncStore, Command, Store
    from sessionware.testing.steps import Case

TOLD = 20
"""How many of the last commands a failure names."""


def _cases(*modules: ModuleType) -> tuple[Case, ...]:
    return tuple(
        made
        for module in modules
        for name, made in vars(module).items()
        if isgeneratorfunction(made) and not name.startswith("_")
    )


CASES = _cases(
    cases_life,
    cases_change,
    cases_end,
    cases_bar,
    cases_ask,
    cases_announce,
    cases_twice,
    cases_places,
    cases_way,
    cases_enter,
    cases_orders,
    cases_invalid,
    cases_told,
    cases_gap,
    cases_numbers,
    cases_count,
    cases_list,
    cases_values,
)
"""For every store."""

ROOM_CASES = _cases(cases_room)
"""For a store with room for three sessions."""


class _Play:
    """A case as it is played: what it asks next; a failure says what was asked before."""

    def __init__(self, case: Case) -> None:
        self._steps = case()
        self._told: list[str] = []

    def after(self, answer: object) -> Command[Any] | None:
        __tracebackhide__ = True
        try:
            command = self._steps.send(answer)
        except StopIteration:
            return None
        except AssertionError as failure:
            last = self._told[-TOLD:]
            failure.add_note("\n".join(["after these commands:", *last]))
            raise
        self._told.append(f"  {command!r:.300}")
        return command


def run(case: Case, store: Store) -> None:
    """Run a case on a store, and close that; AssertionError: the store breaks the contract."""
    __tracebackhide__ = True
    play, answer = _Play(case), None
    try:
        while (command := play.after(answer)) is not None:
            answer = store.execute(command)
    finally:
        store.close()


async def run_async(case: Case, store: AsyncStore) -> None:
    """Run a case on a store that is awaited, as :func:`run` does."""
    __tracebackhide__ = True
    play, answer = _Play(case), None
    try:
        while (command := play.after(answer)) is not None:
            answer = await store.execute(command)
    finally:
        await store.close()


class StoreContract:
    """The contract of a :class:`sessionware.Store`: one test for each case.

    Derive a class whose name begins with ``Test``, with a fixture ``store`` that gives a fresh,
    empty store. Each test closes it.
    """

    def test_a_store_says_how_it_can_be_used_and_closes_twice(self, store: Store) -> None:
        """Both attributes are there; the second close does nothing."""
        _check_flags(store, "blocking", "shared")
        store.close()
        store.close()


class RoomContract:
    """The contract of a store that is bounded; its fixture ``store`` has room for 3 sessions."""


class AsyncStoreContract:
    """The contract of a :class:`sessionware.AsyncStore`, as :class:`StoreContract`.

    The fixture ``store`` need not be async: each test runs, and closes the store, in an event loop
    of its own.
    """

    def test_a_store_says_how_it_can_be_used_and_closes_twice(self, store: AsyncStore) -> None:
        """The attribute is there; the second close does nothing."""

        async def close_twice() -> None:
            await store.close()
            await store.close()

        _check_flags(store, "shared")
        asyncio.run(close_twice())


class AsyncRoomContract:
    """The same as :class:`RoomContract`, for a store that is awaited."""


def _check_flags(store: object, *names: str) -> None:
    for name in names:
        if not isinstance(getattr(store, name, None), bool):
            raise AssertionError(f"{type(store).__name__}.{name} is neither True nor False")  # noqa: TRY004 - a failure


def _test(case: Case) -> Callable[[Any, Store], None]:
    def test(self: Any, store: Store) -> None:  # noqa: ARG001 - a method of a test class
        __tracebackhide__ = True
        run(case, store)

    return test


def _async_test(case: Case) -> Callable[[Any, AsyncStore], None]:
    def test(self: Any, store: AsyncStore) -> None:  # noqa: ARG001 - a method of a test class
        __tracebackhide__ = True
        asyncio.run(run_async(case, store))

    return test


def _give(contract: type, cases: tuple[Case, ...], make: Callable[[Case], Any]) -> None:
    for case in cases:
        test = make(case)
        test.__name__ = f"test_{case.__name__}"
        test.__qualname__ = f"{contract.__qualname__}.{test.__name__}"
        test.__doc__ = f"{case.__name__.replace('_', ' ').capitalize()}."
        setattr(contract, test.__name__, test)


_give(StoreContract, CASES, _test)
_give(RoomContract, ROOM_CASES, _test)
_give(AsyncStoreContract, CASES, _async_test)
_give(AsyncRoomContract, ROOM_CASES, _async_test)
