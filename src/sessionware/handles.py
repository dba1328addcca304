"""What ``open()`` gives: a session that is held for a connection which is no request (SPEC 8)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

from sessionware.session import Session

if TYPE_CHECKING:
    from sessionware.drivers import AsyncDriver, Driver
    from sessionware.opened import Opened


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class OpenSession(Session):
    """A session that is held open, under WSGI and elsewhere without an event loop."""

    _opened: Opened
    _driver: Driver

    @classmethod
    def holding(cls, session: Session, opened: Opened, driver: Driver) -> Self:
        """Make it of a session that was opened."""
        return cls(**_fields(session), _opened=opened, _driver=driver)

    def touch(self, bytes_up: int = 0, bytes_down: int = 0) -> bool:
        """Say that the connection is there, and how many bytes passed since the last time.

        Saves what was changed of ``data``, and brings the session up to date. False: it is over, by
        ``stop()`` or ``deny()`` perhaps: the connection is to end. One that has only expired begins
        anew, with another id.
        """
        return self._driver.drive(self._opened.touch(self, bytes_up, bytes_down))


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class AsyncOpenSession(Session):
    """A session that is held open, in an event loop."""

    _opened: Opened
    _driver: AsyncDriver

    @classmethod
    def holding(cls, session: Session, opened: Opened, driver: AsyncDriver) -> Self:
        """Make it of a session that was opened."""
        return cls(**_fields(session), _opened=opened, _driver=driver)

    async def touch(self, bytes_up: int = 0, bytes_down: int = 0) -> bool:
        """Say that the connection is there; see :meth:`OpenSession.touch`."""
        return await self._driver.drive(self._opened.touch(self, bytes_up, bytes_down))


def _fields(session: Session) -> dict[str, Any]:
    return {field.name: getattr(session, field.name) for field in fields(session)}
