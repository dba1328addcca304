"""The Redis store's scripts: Lua texts beside this module, one for each command.

A script is put together of the parts that it names in its first lines. Every key that it touches is
declared, and all of them lie in one slot: they are the tables of one partition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha1
from importlib.resources import files

FORMAT = 1
"""The number of this layout: each record carries it, and so does the store."""

OLDEST = 1
"""The oldest layout that is understood; a store of another one is refused."""

TABLES = {
    "META": "m",
    "SESSIONS": "s",
    "DATA": "d",
    "TAGS": "t",
    "ALSO": "a",
    "NUMBERS_OF": "n",
    "STREAMS": "i",
    "DUE": "due",
    "ORDER": "o",
    "HOLDERS": "h",
    "PLACES": "p",
    "ENDED": "e",
    "ENDED_UNTIL": "eu",
    "BARS": "b",
    "BARS_UNTIL": "bu",
    "LEASES": "l",
    "CLIENTS": "c",
    "CLIENTS_UNTIL": "cu",
    "TOLD": "q",
    "GATE": "gp",
    "GATE_UNTIL": "gu",
    "GAPS": "g",
    "DENIALS": "x",
    "DENIALS_ORDER": "xo",
    "DENIALS_UNTIL": "xu",
}
"""The tables of a partition: as scripts call them, and the last part of their keys."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script as the server gets it, its digest, and the tables whose keys it is given."""

    name: str
    text: str
    digest: str
    tables: tuple[str, ...]

    def keys(self, prefix: str, partition: int | str) -> list[str]:
        """Give the keys of its tables in a partition."""
        return [f"{prefix}:{{{partition}}}:{TABLES[name]}" for name in self.tables]


_HEAD = """local now, room = struct.unpack('<dd', ARGV[1])
local spread = room < 0
room = math.abs(room)
"""


def _read(name: str) -> str:
    return files("sessionware.store").joinpath("lua", f"{name}.lua").read_text()


@cache
def script(name: str) -> Script:
    """Give a script by its name."""
    own = _read(name)
    named = re.findall(r"(?m)^-- (?:first|parts): (.*)", own)
    body = "\n".join([*map(_read, " ".join(named).split()), own])
    used = tuple(table for table in TABLES if re.search(rf"\b{table}\b", body))
    given = ", ".join(f"KEYS[{number}]" for number in range(1, len(used) + 1))
    head = f"{_HEAD}local {', '.join(used)} = {given}\n"
    text = head + re.sub(r"(?m)^ *--.*\n|^\n", "", body)
    return Script(name, text, sha1(text.encode(), usedforsecurity=False).hexdigest(), used)
