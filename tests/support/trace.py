"""One list in which the app and the client write down what happened, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Trace:
    """A story told by both ends of one exchange: ``app:chunk 0`` and then ``client:chunk 0``.

    The app (``Reply(trace=...)``) writes ``app:chunk N`` when it makes a chunk, ``app:gone`` when
    it learns that the client left, ``app:background`` and, always last, ``app:cleanup``.
    The client (``world.stream(call, trace)``) writes ``client:start``, ``client:chunk N``,
    ``client:end`` (the body is known to be complete) and ``client:gone`` (it left early).
    """

    def __init__(self) -> None:
        self.steps: list[str] = []

    def mark(self, step: str) -> None:
        self.steps.append(step)

    def __contains__(self, step: object) -> bool:
        return step in self.steps

    def __repr__(self) -> str:
        return f"Trace({self.steps})"

    def before(self, *steps: str) -> bool:
        """Whether all these steps happened, the first time each, in this order."""
        missing = [step for step in steps if step not in self.steps]
        if missing:
            return False
        places = [self.steps.index(step) for step in steps]
        return places == sorted(places)

    def only(self, side: str) -> list[str]:
        """What one side ("app" or "client") did, without its name."""
        return list(_tails(self.steps, side + ":"))


def _tails(steps: Iterable[str], prefix: str) -> Iterable[str]:
    return (step.removeprefix(prefix) for step in steps if step.startswith(prefix))
