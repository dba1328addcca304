"""Segments: how the URIs of what is played carry the session (SPEC 2, ``carry_to``).

As those of manifests do, but for three things. A playlist has thousands of them, most in one
folder, where all carry alike. In an MPD they may be relative to several bases, of which the player
chooses one. And they may be templates, of which a part is not known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sessionware import naming
from sessionware.manifest import HERE

if TYPE_CHECKING:
    from sessionware.carriage import Carriage, Slots
    from sessionware.manifest import Bases

# A folder (or none) and a name with nothing in them to be looked at: no query, no dot segment.
_PLAIN = re.compile(
    r"((?:(?:https?://[A-Za-z0-9.:-]+)?/)?(?:[A-Za-z0-9_~-][A-Za-z0-9_.~-]*/)*)"
    r"([A-Za-z0-9_~-][A-Za-z0-9_.~-]*)"
)


class _Folder(NamedTuple):
    """How the segments of a folder carry: ``texts`` None: not at all.

    ``paths`` is where the app sees the folder, with a slash at the end.
    """

    paths: tuple[str, ...]
    texts: tuple[str, str] | None


class Segments:
    """Finds the place of the token in the segments' URIs of one answer."""

    def __init__(self, slots: Slots, carriage: Carriage) -> None:
        self._slots = slots
        self._carriage = carriage
        self._bases: dict[Bases, tuple[str | None, ...]] = {HERE: (carriage.base,)}
        self._folders: dict[tuple[str, Bases], _Folder | None] = {}

    def __call__(
        self, uri: str, bases: Bases = HERE, *, template: bool = False
    ) -> tuple[str, str] | None:
        """Give the text before and after the token, or None for a URI that must stay as it is.

        It carries if it may whatever of its bases it is relative to, and has a link if that is
        the same for all of them.
        """
        plain = _PLAIN.fullmatch(uri)
        if plain is not None and self._slots.by_folder:
            before, name = plain.groups()
            try:
                folder = self._folders[before, bases]
            except KeyError:
                folder = self._folders[before, bases] = self._look_into(uri, name, bases)
            if folder is not None and not self._holds_manifest(folder, name):
                texts = folder.texts
                return None if texts is None else (f"{uri}?{texts[0]}", texts[1])
        targets = self._targets(uri, bases)
        if not targets:
            return None
        link = "" if template and self._is_open(uri, targets) else self._link(targets)
        return self._slots.put(uri, link, self._carriage)

    def _targets(self, uri: str, bases: Bases) -> list[str]:
        """Give the paths to which a URI may lead; none of them if one may not carry."""
        found = self._bases.get(bases)
        if found is None:
            found = self._bases[bases] = tuple(dict.fromkeys(map(self._base, bases)))
        targets = [self._slots.target(uri, base, self._carriage) for base in found]
        return [] if None in targets else [target for target in targets if target is not None]

    def _base(self, steps: tuple[str, ...]) -> str | None:
        """Give the path of a base; None: no token may go there."""
        base: str | None = self._carriage.base
        for step in filter(None, steps):
            base = self._slots.target(step, base, self._carriage)
        return base

    def _is_open(self, template: str, targets: list[str]) -> bool:
        """Tell whether a template leaves open what a link must be for.

        That is a folder, or the whole path of what ``match`` names.
        """
        _, dollar, rest = template.partition("#")[0].partition("?")[0].partition("$")
        return bool(dollar) and (
            "/" in rest
            or any(self._slots.place(target, self._carriage).manifest for target in targets)
        )

    def _link(self, targets: list[str]) -> str:
        """Give the link that is right for all of these paths, or ""."""
        links = {self._slots.link(target, self._carriage) for target in targets}
        return links.pop() if len(links) == 1 else ""

    def _holds_manifest(self, folder: _Folder, name: str) -> bool:
        """Tell whether ``match`` names what is called so: its link is for that path alone."""
        for path in folder.paths:  # noqa: SIM110 - asked for each segment: any() takes twice as long
            if self._slots.is_manifest(path + name):
                return True
        return False

    def _look_into(self, uri: str, name: str, bases: Bases) -> _Folder | None:
        """Tell how all that a folder holds carries; None: each has to be looked at."""
        targets = self._targets(uri, bases)
        places = [self._slots.place(target, self._carriage) for target in targets]
        if any(place.manifest for place in places):
            return None
        decoded = [naming.unescape(target) for target in targets]
        if any("//" in path or "/." in path for path in decoded):  # matched as it is, or resolved
            return None
        texts = self._slots.put(uri, self._link(targets), self._carriage) if targets else None
        if texts is not None:
            texts = (texts[0].removeprefix(f"{uri}?"), texts[1])
        return _Folder(tuple(f"/{place.path.removesuffix(name)}" for place in places), texts)
