"""How a shell asks the app's hooks (SPEC 8).

What a hook raises is logged and harms no request; who asked gets ``FAILED``, and decides.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import Any

from sessionware.events import log
from sessionware.execute import HOOKS
from sessionware.questions import FAILED, Call


def is_async(hook: object) -> bool:
    """Tell whether a hook's answer must be awaited; an object may be a hook."""
    call = getattr(type(hook), "__call__", None)  # noqa: B004 - its class's, not its own
    return inspect.iscoroutinefunction(hook) or inspect.iscoroutinefunction(call)


def ask(call: Call) -> Any:
    """Call a hook that answers at once, or by blocking."""
    if call.hook is None:
        return None
    began = time.monotonic()
    try:
        answer = call.hook(*call.arguments)
    except Exception:  # noqa: BLE001 - whatever it is, it is logged and harms nobody
        log.exception("sessionware: the hook %r failed", call.hook)
        return FAILED
    if call.timeout is not None and time.monotonic() - began > call.timeout:
        log.error("sessionware: the hook %r took more than %s s", call.hook, call.timeout)
        return FAILED
    return answer


async def ask_async(call: Call) -> Any:
    """Await a hook; one that blocks runs in a thread."""
    if call.hook is None:
        return None
    try:
        if is_async(call.hook):
            return await asyncio.wait_for(call.hook(*call.arguments), call.timeout)
        answer = await asyncio.wait_for(HOOKS.call(ask, call), call.timeout)
        # A plain function may give a coroutine.
        is_awaited = inspect.isawaitable(answer)
        return await asyncio.wait_for(answer, call.timeout) if is_awaited else answer
    except Exception:  # noqa: BLE001 - as above
        log.exception("sessionware: the hook %r failed", call.hook)
        return FAILED
