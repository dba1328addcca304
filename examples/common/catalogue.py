"""What there is to watch: the streams of a folder, and how each may be asked for.

    MEDIA/hls/NAME/master.m3u8      (or another playlist: what stands first in ENTRIES)
    MEDIA/dash/NAME/manifest.mpd

The folder is read at each question, for live streams come and go.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path

    from sessionware import Session

TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
    ".m4s": "video/iso.segment",
    ".ts": "video/mp2t",
}
"""What systems disagree about, or take for something else (.ts)."""

SUFFIXES = {"hls": ".m3u8", "dash": ".mpd"}
"""The folders of MEDIA, and of which suffix the manifests in them are."""

ENTRIES = ("master", "manifest", "index", "main", "playlist")
"""How a stream's first manifest is called, the likeliest first; else it is the first by name."""

HEAD = 64 * 1024
"""So many bytes of a manifest tell whether it is live."""


@dataclass(frozen=True)
class Source:
    """One manifest of a stream."""

    url: str
    type: str


@dataclass(frozen=True)
class Stream:
    """A stream by its name, with its probe and its sources."""

    stream: str
    live: bool
    probe: str
    sources: tuple[Source, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return asdict(self)

    def for_viewer(self, session: Session) -> dict[str, Any]:
        """Answer the probe: the sources, each with the viewer's token in its URL."""
        sources = [{"url": session.carry(s.url), "type": s.type} for s in self.sources]
        return {"stream": self.stream, "session": session.id, "sources": sources}


def streams(media: Path, front: str = "") -> list[Stream]:
    """List all streams by name; ``front`` goes before their paths."""
    found = (stream(media, name, front) for name in sorted(_names(media)))
    return [each for each in found if each is not None]


def stream(media: Path, name: str, front: str = "") -> Stream | None:
    """Find one stream; None: there is no such."""
    if name not in _names(media):
        return None
    sources, live = [], False
    for kind, suffix in SUFFIXES.items():
        manifest = _entry(media / kind / name, suffix)
        if manifest is not None:
            url = quote(f"{front}/{kind}/{name}/{manifest.name}")
            sources.append(Source(url, TYPES[suffix]))
            live = live or _is_live(manifest)
    return Stream(name, live, quote(f"{front}/info/{name}"), tuple(sources)) if sources else None


def _names(media: Path) -> set[str]:
    return {folder.name for kind in SUFFIXES for folder in media.glob(f"{kind}/*/")}


def _entry(folder: Path, suffix: str) -> Path | None:
    """Find the manifest with which to begin."""
    manifests = sorted(folder.glob(f"*{suffix}"))
    named = {manifest.stem: manifest for manifest in reversed(manifests)}
    likely = (named[stem] for stem in ENTRIES if stem in named)
    return next(likely, manifests[0] if manifests else None)


def _is_live(manifest: Path) -> bool:
    """Tell by its beginning whether a manifest will change; of HLS by the first child's end."""
    text = _read(manifest)
    if manifest.suffix == ".mpd":
        return 'type="dynamic"' in text
    if "#EXT-X-STREAM-INF" in text:
        children = (line for line in text.splitlines() if line and not line.startswith("#"))
        text = _read(manifest.parent / next(children, "").partition("?")[0])
    return "#EXTINF" in text and "#EXT-X-ENDLIST" not in text


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(HEAD)
    except OSError:  # just gone, or on another host
        return ""
