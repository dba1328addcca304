"""A viewer who has been handed a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .calls import Call

if TYPE_CHECKING:
    from .worlds import World


def entered(world: World, target: str = "/cam1/master.m3u8", **kw: Any) -> Call:
    """Ask for a manifest without a token, and give the call to which the answer leads."""
    call = Call(target, **kw)
    answer = world.send(call)
    assert answer.status == 307, f"no redirect: {answer}"
    assert answer.location is not None
    return call.at(answer.location)


def token_of(call: Call) -> str:
    """The token in a call's query."""
    token = call.query.rpartition("tkn=")[2]
    assert token, f"no token in {call.target}"
    return token
