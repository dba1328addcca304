"""A store as simple as can be: the rules in plain dicts, and nothing that makes it fast."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sessionware import Kind, State
from sessionware.identity import milliseconds
from sessionware.session import Cause, Presentation
from sessionware.store import Asked, Counts, Ended, Full, Living, Meta, MetaInfo, Sweep

if TYPE_CHECKING:
    from sessionware.store import Bar, Opening

HOUR = 3600


@dataclass
class Life:
    """One life of a session."""

    opening: Opening
    data: dict[str, str]
    started: float
    seen: float
    timeout: float
    until: float
    playing: bool
    cookie_set: float | None
    requests: int = 1
    learned: dict[str, Any] = field(default_factory=dict)

    @property
    def expires(self) -> float:
        return math.ceil(min(self.opening.deadline, max(self.seen + self.timeout, self.until)))


@dataclass
class Past:
    """What a stream's and kind's sessions that are no more add up to."""

    ended: int = 0
    requests: int = 0


class ModelStore:
    """Looks at every session before every command."""

    blocking = False
    shared = False

    def __init__(self, room: int = 1_000_000) -> None:
        self.room = room
        self.lives: dict[bytes, Life] = {}
        self.ends: dict[bytes, tuple[Ended, float]] = {}
        self.bars: dict[bytes, Bar] = {}
        self.leases: dict[bytes, float] = {}
        self.past: dict[tuple[str, Kind], Past] = {}
        self.left: dict[str, float] = {}
        self.meta_info = MetaInfo(secrets.token_bytes(32))

    def execute(self, command: Any) -> Any:
        if not isinstance(command, Sweep | Meta):
            self.sweep(Sweep(command.now, len(self.lives)))
        return getattr(self, type(command).__name__.lower())(command)

    def close(self) -> None:
        pass

    # --- the end -------------------------------------------------------------------------------

    def sweep(self, command: Any) -> int:
        over = [key for key, life in self.lives.items() if command.now >= life.expires]
        for key in over[: command.limit]:
            self.finish(key, Cause.EXPIRED, self.lives[key].expires)
        for stream, left in list(self.left.items()):
            if command.now - left >= HOUR:
                del self.left[stream]
                self.past = {name: past for name, past in self.past.items() if name[0] != stream}
        return len(over[: command.limit])

    def finish(self, key: bytes, cause: Cause, at: float, bar: Bar | None = None) -> None:
        life = self.lives.pop(key)
        opening = life.opening
        past = self.past.setdefault((opening.stream, opening.kind), Past())
        past.ended += life.playing
        past.requests += life.requests
        self.stream_may_be_left(opening.stream, at)
        if bar is not None:
            self.put(opening.mark, bar)
        elif life.playing:
            self.ends.pop(key, None)
            ended = Ended(cause, at, life.started, life.learned.get("presentation"))
            self.ends[key] = ended, at + opening.remember
        self.keep_to_the_room()

    def put(self, mark: bytes, bar: Bar) -> None:
        old = self.bars.get(mark)
        if old is None or bar.until > old.until:
            self.bars.pop(mark, None)
            self.bars[mark] = bar

    def keep_to_the_room(self) -> None:
        for remembered in (self.ends, self.bars):
            if len(remembered) > self.room:
                del remembered[next(iter(remembered))]

    def stream_may_be_left(self, stream: str, at: float) -> None:
        if not any(life.opening.stream == stream for life in self.lives.values()):
            self.left[stream] = at

    # --- one session ---------------------------------------------------------------------------

    def touch(self, command: Any) -> Any:
        key, now, after = command.key, command.now, command.renew_cookie_after
        bar = self.barred(command.mark, now)
        if bar is not None:
            return bar
        life = self.lives.get(key)
        if life is None:
            bar = self.barred_above(command.above, now)
            if bar is not None:
                return bar
            if command.lease:
                if now < self.leases.get(key, 0):
                    return Asked(self.leases[key])
                self.leases[key] = now + command.lease
            return self.remembered(key, now)
        self.asked(life, now, command.playing)
        renew = after is not None and (life.cookie_set is None or now - life.cookie_set >= after)
        if renew:
            life.cookie_set = now
        return self.living(key, renew_cookie=renew)

    def remembered(self, key: bytes, now: float) -> Ended | None:
        ended, until = self.ends.get(key, (None, 0))
        return ended if now < until else None

    def barred(self, mark: bytes, now: float) -> Bar | None:
        bar = self.bars.get(mark)
        return bar if bar is not None and now < bar.until else None

    def barred_above(self, marks: tuple[bytes, ...], now: float) -> Bar | None:
        return next(filter(None, (self.barred(mark, now) for mark in marks)), None)

    def asked(self, life: Life, now: float, playing: bool) -> None:
        life.requests += 1
        life.seen = max(life.seen, now)
        life.playing = life.playing or playing

    def living(self, key: bytes, *, new: bool = False, renew_cookie: bool = False) -> Living:
        life = self.lives[key]
        opening = life.opening
        return Living(
            key=key,
            kind=opening.kind,
            stream=opening.stream,
            ip=opening.ip,
            protocol=opening.protocol,
            service=opening.service,
            params=opening.params,
            started=life.started,
            last_seen=life.seen,
            expires=life.expires,
            state=State.LIVE if life.playing else State.PENDING,
            requests=life.requests,
            data=dict(life.data),
            previous=opening.previous,
            user=opening.user,
            new=new,
            renew_cookie=renew_cookie,
            **life.learned,
        )

    def begin(self, command: Any) -> Any:
        key, now, opening = command.key, command.now, command.opening
        self.leases.pop(key, None)
        bar = self.barred(opening.mark, now)
        if bar is not None:
            return bar
        if key in self.lives:
            self.asked(self.lives[key], now, opening.playing)
            return self.living(key)
        bar = self.barred_above(opening.above, now)
        if bar is not None:
            return bar
        if len(self.lives) >= self.room:
            return Full()
        self.ends.pop(key, None)
        self.left.pop(opening.stream, None)
        self.lives[key] = Life(
            opening,
            dict(command.data),
            now,
            now,
            opening.timeout,
            opening.until,
            opening.playing,
            opening.cookie_set,
        )
        if opening.presentation is not None:
            self.lives[key].learned = {
                "presentation": opening.presentation,
                "duration": opening.duration,
                "live_seen": now if opening.presentation is Presentation.LIVE else 0.0,
            }
        return self.living(key, new=True)

    def decline(self, command: Any) -> None:
        self.leases.pop(command.key, None)
        if command.bar is not None:
            self.put(command.mark, command.bar)
            self.keep_to_the_room()

    def learn(self, command: Any) -> bool:
        life = self.lives.get(command.key)
        if life is None:
            return False
        life.playing = True
        if command.presentation is not None:
            life.timeout, life.until = command.timeout, command.until
            life.learned |= {"presentation": command.presentation, "duration": command.duration}
        if command.presentation is Presentation.LIVE:
            life.learned["live_seen"] = command.now
        return True

    def merge(self, command: Any) -> bool:
        life = self.lives.get(command.key)
        if life is None:
            return False
        for name, text in command.changes.items():
            life.data.pop(name, None)
            if text is not None:
                life.data[name] = text
        return True

    def withdraw(self, command: Any) -> bool:
        life = self.lives.get(command.key)
        if life is None or life.requests != 1:
            return False
        del self.lives[command.key]
        self.stream_may_be_left(life.opening.stream, command.now)
        return True

    def end(self, command: Any) -> bool:
        if command.key not in self.lives:
            return False
        self.finish(command.key, command.cause, command.now, command.bar)
        return True

    def get(self, command: Any) -> Any:
        key, read, now = command.key, command.mark, command.now
        if read is not None and self.barred(read, now):
            return self.barred(read, now)
        if key in self.lives:
            return self.living(key)
        if read is None:
            return None
        return self.barred_above(command.above, now) or self.remembered(key, now)

    # --- many ----------------------------------------------------------------------------------

    def listing(self, command: Any) -> tuple[Living, ...]:
        places = sorted((milliseconds(life.started), key) for key, life in self.lives.items())
        found = [self.living(place[1]) for place in places if self.listed(place, command)]
        return tuple(found[: command.limit])

    def listed(self, place: tuple[int, bytes], command: Any) -> bool:
        life = self.lives[place[1]]
        return (
            (life.playing or command.pending)
            and (command.stream in {None, life.opening.stream} or self.is_below(life, command))
            and command.kind in {None, life.opening.kind}
            and (command.user is None or command.user == (life.opening.user or None))
            and command.ip in {None, life.opening.ip}
            and (command.after is None or place > command.after)
        )

    def is_below(self, life: Life, command: Any) -> bool:
        return command.below and life.opening.stream.startswith(f"{command.stream}/")

    def count(self, command: Any) -> Counts:
        total = Counts()
        for stream, kind in self.known():
            right = kind is command.kind or (command.kind is None and kind is not Kind.UNSPECIFIED)
            if right and command.stream in {None, stream}:
                total += self.counts(stream, kind, command)
        return total

    def known(self) -> set[tuple[str, Kind]]:
        alive = {(life.opening.stream, life.opening.kind) for life in self.lives.values()}
        return alive | self.past.keys()

    def counts(self, stream: str, kind: Kind, command: Any) -> Counts:
        past = self.past.get((stream, kind), Past())
        alive = [
            life
            for life in self.lives.values()
            if (life.opening.stream, life.opening.kind) == (stream, kind)
        ]
        playing = [life for life in alive if life.playing]
        oldest = int(command.now) - math.ceil(command.window)
        return Counts(
            watching=sum(kind is Kind.VIEWER and int(life.seen) >= oldest for life in playing),
            sessions=len(playing),
            started=len(playing) + past.ended,
            ended=past.ended,
            requests=sum(life.requests for life in alive) + past.requests,
        )

    def streams(self, command: Any) -> dict[str, Counts]:
        names = {stream for stream, kind in self.known() if kind is not Kind.UNSPECIFIED}
        kinds = (Kind.VIEWER, Kind.INPUT, Kind.OUTPUT)
        return {
            name: sum((self.counts(name, kind, command) for kind in kinds), start=Counts())
            for name in names
        }

    def meta(self, command: Any) -> MetaInfo:
        return self.meta_info
