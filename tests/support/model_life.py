"""One life of a session in the model of a store: what it is, and what a request does to it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sessionware import State
from sessionware.session import Presentation
from sessionware.store import Living

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionware.store import Opening, Place


class Life:
    """One life of a session."""

    def __init__(self, key: bytes, now: float, opening: Opening, data: Mapping[str, str]) -> None:
        self.key = key
        self.opening = opening
        self.data = dict(data)
        self.started = now
        self.seen = now
        self.held: float | None = now
        self.timeout = opening.timeout
        self.until = opening.until
        self.playing = opening.playing
        self.cookie_set = opening.cookie_set
        self.window = opening.window
        self.returns = opening.returns
        self.requests = 1
        self.seconds = 0.0
        self.bytes_down = 0
        self.bytes_up = 0
        self.segments = False
        self.announced = False
        self.superseded = False
        self.invalid = False
        self.tags: tuple[str, ...] = ()
        self.also: tuple[str, ...] = ()
        self.partner = b""
        self.swaps = 0
        self.since = 0.0
        self.learned: dict[str, Any] = {}
        if opening.presentation is not None:
            self.learned = {
                "presentation": opening.presentation,
                "duration": opening.duration,
                "live_seen": now if opening.presentation is Presentation.LIVE else 0.0,
            }

    # --- time ----------------------------------------------------------------------------------

    @property
    def expires(self) -> float:
        return math.ceil(min(self.opening.deadline, max(self.seen + self.timeout, self.until)))

    @property
    def announce_at(self) -> float:
        return math.ceil(self.started + 10)

    @property
    def watches_for(self) -> float:
        return self.window or (60.0 if self.segments else 0.0)

    @property
    def waits_to_be_announced(self) -> bool:
        return self.playing and not self.superseded and not self.announced

    @property
    def counts(self) -> bool:
        """Whether its end counts, and is told of."""
        return self.playing and (self.announced or not self.superseded)

    # --- requests ------------------------------------------------------------------------------

    def heard(self, now: float) -> None:
        if now > self.seen:
            if self.playing:
                self.seconds += min(now - self.seen, self.watches_for)
            self.seen = now

    def asked(self, now: float, playing: bool, segments: bool = False) -> None:
        self.requests += 1
        self.heard(now)
        self.superseded = False
        self.playing = self.playing or playing
        self.segments = self.segments or segments
        self.keep_places(now)

    def renews_cookie(self, now: float, after: float | None) -> bool:
        renew = after is not None and (self.cookie_set is None or now - self.cookie_set >= after)
        if renew:
            self.cookie_set = now
        return renew

    # --- places --------------------------------------------------------------------------------

    def has(self, scope: bytes, now: float) -> bool:
        if self.superseded or self.held is None:
            return False
        holds = [place.hold for place in self.opening.places if place.scope == scope]
        return any(now < self.held + hold for hold in holds)

    def lacks(self, now: float) -> list[Place]:
        """The places that it needs and does not have."""
        return [place for place in self.opening.places if not self.has(place.scope, now)]

    def keep_places(self, now: float) -> None:
        if self.held is not None and self.watches_for and not self.lacks(now):
            self.held = max(self.held, now)

    # --- answers -------------------------------------------------------------------------------

    def living(
        self, *, new: bool = False, renew_cookie: bool = False, announce: bool = False
    ) -> Living:
        opening = self.opening
        return Living(
            key=self.key,
            kind=opening.kind,
            stream=opening.stream,
            ip=opening.ip,
            protocol=opening.protocol,
            service=opening.service,
            params=opening.params,
            started=self.started,
            last_seen=self.seen,
            expires=self.expires,
            state=State.LIVE if self.playing else State.PENDING,
            requests=self.requests,
            data=dict(self.data),
            previous=opening.previous,
            user=opening.user,
            new=new,
            renew_cookie=renew_cookie,
            announce=announce,
            window=self.window,
            segments=self.segments,
            seconds=self.seconds,
            bytes_down=self.bytes_down,
            bytes_up=self.bytes_up,
            tags=self.tags,
            also=self.also,
            **self.learned,
        )
