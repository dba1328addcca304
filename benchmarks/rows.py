"""What is measured, and what it may cost: every row, once."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Row:
    """One figure and its goal; the module ``theme`` measures it."""

    name: str
    theme: str
    sense: Literal["at most", "at least"]
    goal: float
    unit: str

    def holds(self, value: float) -> bool:
        return value <= self.goal if self.sense == "at most" else value >= self.goal


ROWS = {
    row.name: row
    for row in (
        Row("asgi-pass-through", "over_asgi", "at most", 0.35, "us"),
        Row("asgi-pass-through/starlette", "over_asgi", "at most", 0.2, "x"),
        Row("asgi-manifest-hit/starlette", "over_asgi", "at most", 0.5, "x"),
        Row("asgi-multivariant-hit/starlette", "over_asgi", "at most", 1.0, "x"),
        Row("asgi-entry", "over_asgi", "at most", 25, "us"),
        Row("asgi-entry-store-calls", "over_asgi", "at most", 0, "calls"),
        Row("wsgi-pass-through", "over_wsgi", "at most", 0.30, "us"),
        Row("wsgi-manifest-hit", "over_wsgi", "at most", 6, "us"),
        Row("hls-first-time/m3u8", "manifests", "at least", 25, "x"),
        Row("hls-next-viewer/m3u8", "manifests", "at least", 300, "x"),
        Row("mpd-location/lxml", "manifests", "at least", 50, "x"),
        Row("memory-per-session", "million", "at most", 450, "bytes"),
        Row("memory-full-gc", "million", "at most", 50, "ms"),
        Row("expire", "million", "at most", 0.5, "us"),
        Row("expire-worst-request", "million", "at most", 1, "ms"),
        Row("count-one-stream", "million", "at most", 20, "us"),
        Row("load-100k/1k", "load", "at most", 2.5, "x"),
        Row("load-1m/1k", "load", "at most", 2.5, "x"),
        Row("wire-requests-per-second", "wire", "at least", 0.93, "x"),
        Row("wire-p99", "wire", "at most", 1.15, "x"),
    )
}
