"""The two apps that the demo serves: uvicorn calls ``asgi()``, gunicorn ``wsgi()``.

They run in a process of their own; what the demo was asked for comes by one variable.
"""

from __future__ import annotations

import json
import logging
import os
from typing import Any

from sessionware import presets

VARIABLE = "SESSIONWARE_DEMO"
"""Its name; it holds JSON: the folders ``media`` and ``web_players``, and the ``preset``."""

SERVICE = "9bf31c7ff062936aa98ca3e56900abcd"
"""A service as broadpeak.io gives them: the first path element of its URLs."""

FRONTS = {"broadpeak": f"/{SERVICE}"}
"""What each preset wants before the paths of the streams."""


def asgi() -> Any:
    """Make the Starlette example; the access log's lines come without their level."""
    from starlette_app.app import create_app  # noqa: PLC0415 - the other one is not needed

    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    for handler in logging.getLogger("uvicorn.access").handlers:
        handler.setFormatter(logging.Formatter("%(message)s"))
    return create_app(**_keywords())


def wsgi() -> Any:
    """Make the Flask example."""
    from flask_app.app import create_app  # noqa: PLC0415 - as above

    return create_app(**_keywords())


def _keywords() -> dict[str, Any]:
    given = json.loads(os.environ[VARIABLE])
    preset = given.pop("preset")
    options = {
        "": {},
        "broadpeak": presets.broadpeak(service=r"[0-9a-f]{32}"),
        "mistserver": presets.mistserver(),
    }
    return {**given, "front": FRONTS.get(preset, ""), **options[preset]}
