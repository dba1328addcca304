"""A store as simple as can be: the rules in plain dicts, and nothing that makes it fast."""

from __future__ import annotations

import math
import secrets
from typing import TYPE_CHECKING, Any

from sessionware import Kind
from sessionware.identity import milliseconds
from sessionware.session import Cause, Presentation
from sessionware.store import (
    Asked,
    Changed,
    Counts,
    Crowded,
    Ended,
    Full,
    Living,
    Meta,
    MetaInfo,
    Outside,
    Postpone,
    Sweep,
    Told,
)
from support.model_life import Life
from support.model_places import displace, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionware.store import Bar, Denial, Place

HOUR = 3600
TWICE = 10
MAX_ALSO = 16
KINDS = (Kind.VIEWER, Kind.INPUT, Kind.OUTPUT)


class ModelStore:
    """Looks at every session before every command."""

    blocking = False
    shared = False

    def __init__(self, room: int = 1_000_000) -> None:
        self.room = room
        self.lives: dict[bytes, Life] = {}
        self.ends: dict[bytes, tuple[Ended, float]] = {}
        self.bars: dict[bytes, tuple[Bar, bytes, str]] = {}
        self.leases: dict[bytes, float] = {}
        self.opened: dict[bytes, tuple[bytes, bytes, float]] = {}
        self.past: dict[tuple[str, Kind, str], Counts] = {}
        self.forgotten: dict[tuple[Kind, str], Counts] = {}
        self.left: dict[str, float] = {}
        self.queue: list[Told] = []
        self.idkey = secrets.token_bytes(32)
        self.orders = 0
        self.denials: dict[tuple[object, ...], Denial] = {}
        self.heartbeat = 0.0
        self.postponed = -math.inf

    def execute(self, command: Any) -> Any:
        if not isinstance(command, Meta | Postpone):
            self.announce_who_is_due(command.now)
        if not isinstance(command, Sweep | Meta | Postpone):
            self.end_who_is_over(command.now, len(self.lives))
        return getattr(self, type(command).__name__.lower())(command)

    def close(self) -> None:
        pass

    # --- beginning to count, and ending ----------------------------------------------------------

    def announce_who_is_due(self, now: float) -> None:
        for life in self.lives.values():
            if life.waits_to_be_announced and now >= life.announce_at:
                life.announced = True
                self.tell(life, Told(life.living(), True, None, life.announce_at))

    def announced_by(self, life: Life, now: float) -> bool:
        """Whether a command that was about it makes a session count as started."""
        due = life.requests > 1 or now >= life.announce_at
        announces = life.waits_to_be_announced and due
        life.announced = life.announced or announces
        return announces

    def tell(self, life: Life, told: Told) -> None:
        if life.opening.events:
            self.queue.append(told)
            self.queue = self.queue[-self.room :]

    def end_who_is_over(self, now: float, limit: int) -> int:
        over = [life for life in self.lives.values() if now >= life.expires]
        for life in over[:limit]:
            self.over(life, Cause.EXPIRED, life.expires)
        for stream, left in list(self.left.items()):
            if now - left >= HOUR:
                self.forget(stream)
        return len(over[:limit])

    def forget(self, stream: str) -> None:
        """Forget of which stream the numbers are; they stay numbers of all."""
        del self.left[stream]
        for name in [name for name in self.past if name[0] == stream]:
            of = name[1:]
            self.forgotten[of] = self.forgotten.get(of, Counts()) + self.past.pop(name)

    def over(self, life: Life, cause: Cause, at: float, bar: Bar | None = None) -> None:
        opening = life.opening
        del self.lives[life.key]
        if life.playing:
            name = opening.stream, opening.kind, opening.protocol
            self.past[name] = self.past.get(name, Counts()) + Counts(
                started=life.counts,
                ended=life.counts,
                seconds=life.seconds,
                requests=life.requests,
                bytes_down=life.bytes_down,
                bytes_up=life.bytes_up,
            )
        if life.counts:
            self.tell(life, Told(life.living(), not life.announced, cause, at))
        self.stream_may_be_left(opening.stream, at)
        if bar is not None:
            self.put(opening.mark, bar, life.key, opening.stream)
        elif life.playing:
            self.ends.pop(life.key, None)
            ended = Ended(cause, at, life.started, life.learned.get("presentation"))
            self.ends[life.key] = ended, at + opening.remember
        self.keep_to_the_room()

    def put(self, mark: bytes, bar: Bar, key: bytes, stream: str) -> None:
        old = self.bars.get(mark)
        if old is None or bar.until > old[0].until:
            self.bars.pop(mark, None)
            self.bars[mark] = bar, key, stream

    def keep_to_the_room(self) -> None:
        for remembered in (self.ends, self.bars):
            if len(remembered) > self.room:
                del remembered[next(iter(remembered))]

    def stream_may_be_left(self, stream: str, at: float) -> None:
        if not any(life.opening.stream == stream for life in self.lives.values()):
            self.left[stream] = at

    # --- what keeps a request out ----------------------------------------------------------------

    def barred(self, mark: bytes, now: float) -> Bar | None:
        bar = self.bars[mark][0] if mark in self.bars else None
        return bar if bar is not None and now < bar.until else None

    def barred_above(self, marks: tuple[bytes, ...], now: float) -> Bar | None:
        return next(filter(None, (self.barred(mark, now) for mark in marks)), None)

    def is_asked(self, key: bytes, now: float) -> bool:
        return now < self.leases.get(key, 0)

    def remembered(self, key: bytes, now: float) -> Ended | None:
        ended, until = self.ends.get(key, (None, 0))
        return ended if now < until else None

    def changed(self, command: Any) -> bool:
        return command.orders is not None and command.orders != self.orders

    # --- requests --------------------------------------------------------------------------------

    def touch(self, command: Any) -> Any:
        key, now = command.key, command.now
        if self.changed(command):
            return Changed()
        bar = self.barred(command.mark, now)
        if bar is not None:
            return bar
        life = self.lives.get(key)
        if life is None:
            bar = self.barred_above(command.above, now)
            if bar is not None:
                return bar
            if command.lease:
                if self.is_asked(key, now):
                    return Asked(self.leases[key])
                self.leases[key] = now + command.lease
            return self.remembered(key, now)
        if life.invalid and command.lease:
            if self.is_asked(key, now):
                return Asked(self.leases[key])
            self.leases[key] = now + command.lease
            return Outside(life.living(), invalid=True)
        if self.is_outside(life, now):
            return Outside(life.living())
        return self.touched(life, command)

    def is_outside(self, life: Life, now: float) -> bool:
        return bool(life.lacks(now))

    def touched(self, life: Life, command: Any) -> Living:
        now = command.now
        life.asked(now, command.playing, command.segments)
        renew = life.renews_cookie(now, command.renew_cookie_after)
        return life.living(renew_cookie=renew, announce=self.announced_by(life, now))

    def enter(self, command: Any) -> Any:
        now = command.now
        if command.confirmed:
            self.leases.pop(command.key, None)
        if self.changed(command):
            return Changed()
        bar = self.barred(command.mark, now)
        if bar is not None:
            return bar
        life = self.lives.get(command.key)
        if life is None:
            return None
        crowded = self.find_places(life, life.lacks(now), now)
        if crowded is not None:
            return crowded
        life.held = now
        if command.confirmed:
            life.invalid = False
            life.data |= command.data
        return self.touched(life, command)

    def begin(self, command: Any) -> Any:
        key, now, opening = command.key, command.now, command.opening
        self.leases.pop(key, None)
        if self.changed(command):
            return Changed()
        bar = self.barred(opening.mark, now)
        if bar is not None:
            return bar
        life = self.lives.get(key)
        if life is not None:
            if self.is_outside(life, now):
                return Outside(life.living())
            life.asked(now, opening.playing)
            return life.living(announce=self.announced_by(life, now))
        bar = self.barred_above(opening.above, now)
        if bar is not None:
            return bar
        if len(self.lives) >= self.room:
            return Full()
        self.supersede(opening.client, opening.holder, now)
        life = Life(key, now, opening, command.data)
        crowded = self.find_places(life, opening.places, now)
        if crowded is not None:
            return crowded
        self.lives[key] = life
        self.ends.pop(key, None)
        self.left.pop(opening.stream, None)
        self.opened[opening.client] = key, opening.holder, now
        announces = opening.announced or self.announced_by(life, now)
        life.announced = announces
        return life.living(new=True, announce=announces)

    def supersede(self, client: bytes, holder: bytes, now: float) -> None:
        key, other, at = self.opened.get(client, (b"", b"", -math.inf))
        life = self.lives.get(key)
        if client and life is not None and now - at < TWICE and holder != other:
            waits = life.waits_to_be_announced and life.requests == 1
            life.superseded = life.superseded or (waits and life.returns)

    def find_places(self, life: Life, places: Sequence[Place], now: float) -> Crowded | None:
        judgement = judge(life, places, self.lives.values(), now)
        if judgement.crowded is not None:
            return Crowded(judgement.crowded)
        for other, place in judgement.displaced:
            displace(other, life, place, now)
        for other in judgement.evicted:
            self.over(other, Cause.EVICTED, now)
        return None

    def decline(self, command: Any) -> None:
        self.leases.pop(command.key, None)
        if command.bar is not None:
            self.put(command.mark, command.bar, command.key, command.stream)
            self.keep_to_the_room()

    # --- what becomes of one session -------------------------------------------------------------

    def learn(self, command: Any) -> Living | None:
        life = self.lives.get(command.key)
        if life is None:
            return None
        life.playing = True
        if command.presentation is not None:
            was_quiet = not life.watches_for
            life.timeout, life.until = command.timeout, command.until
            life.window, life.returns = command.window, command.returns
            life.learned |= {"presentation": command.presentation, "duration": command.duration}
            if was_quiet:
                life.keep_places(command.now)
            elif not life.watches_for and life.held is not None:
                life.held = life.started
        if command.presentation is Presentation.LIVE:
            life.learned["live_seen"] = command.now
        return life.living(announce=self.announced_by(life, command.now))

    def leave(self, command: Any) -> None:
        life = self.lives.get(command.key)
        if life is not None and not life.playing:
            life.held = None

    def announce(self, command: Any) -> Living | None:
        life = self.lives.get(command.key)
        if life is None or not life.waits_to_be_announced:
            return None
        life.announced = True
        return life.living(announce=True)

    def finish(self, command: Any) -> bool:
        life = self.lives.get(command.key)
        if life is None:
            return False
        life.heard(command.now)
        life.keep_places(command.now)
        life.bytes_down += command.bytes_down
        life.bytes_up += command.bytes_up
        return True

    def note(self, command: Any) -> bool:
        life = self.lives.get(command.key)
        if life is None:
            return False
        life.also = tuple(dict.fromkeys(life.also + command.also))[:MAX_ALSO]
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

    def tag(self, command: Any) -> Living | None:
        life = self.lives.get(command.key)
        if life is None:
            return None
        life.tags = tuple(sorted(set(life.tags) - set(command.remove) | set(command.add)))
        return life.living()

    def withdraw(self, command: Any) -> bool:
        life = self.lives.get(command.key)
        if life is None or life.requests != 1 or life.announced:
            return False
        del self.lives[command.key]
        self.stream_may_be_left(life.opening.stream, command.now)
        return True

    def end(self, command: Any) -> Living | None:
        life = self.lives.get(command.key)
        if life is None:
            return None
        self.over(life, command.cause, command.now, command.bar)
        return life.living()

    def get(self, command: Any) -> Any:
        key, read, now = command.key, command.mark, command.now
        if self.changed(command):
            return Changed()
        if read is not None and self.barred(read, now):
            return self.barred(read, now)
        if key in self.lives:
            return self.lives[key].living()
        if read is None:
            return None
        return self.barred_above(command.above, now) or self.remembered(key, now)

    # --- many ------------------------------------------------------------------------------------

    def listing(self, command: Any) -> tuple[Living, ...]:
        order = sorted((milliseconds(life.started), key) for key, life in self.lives.items())
        found = [self.lives[place[1]].living() for place in order if self.listed(place, command)]
        return tuple(found[: command.limit])

    def listed(self, place: tuple[int, bytes], command: Any) -> bool:
        life = self.lives[place[1]]
        opening = life.opening
        return (
            (life.playing or command.pending)
            and (command.stream in {None, opening.stream} or self.is_below(life, command))
            and command.kind in {None, opening.kind}
            and (command.user is None or command.user == (opening.user or None))
            and command.ip in {None, opening.ip}
            and (command.tag is None or command.tag in life.tags)
            and command.holder in {None, opening.holder}
            and (command.after is None or place > command.after)
        )

    def is_below(self, life: Life, command: Any) -> bool:
        return command.below and life.opening.stream.startswith(f"{command.stream}/")

    def count(self, command: Any) -> Counts:
        kinds = KINDS if command.kind is None else (command.kind,)
        total = Counts()
        for stream, kind, protocol in self.known():
            right = command.stream in {None, stream} and command.protocol in {None, protocol}
            if right and kind in kinds:
                total += self.counts((stream, kind, protocol), command.now)
        for (kind, protocol), past in self.forgotten.items():
            right = command.stream is None and command.protocol in {None, protocol}
            if right and kind in kinds:
                total += past
        return total

    def streams(self, command: Any) -> dict[str, Counts]:
        totals: dict[str, Counts] = {}
        for name in self.known():
            if name[1] in KINDS:
                counts = self.counts(name, command.now)
                totals[name[0]] = totals.get(name[0], Counts()) + counts
        return totals

    def known(self) -> set[tuple[str, Kind, str]]:
        return {self.name(life) for life in self.lives.values() if life.playing} | self.past.keys()

    def name(self, life: Life) -> tuple[str, Kind, str]:
        return life.opening.stream, life.opening.kind, life.opening.protocol

    def counts(self, name: tuple[str, Kind, str], now: float) -> Counts:
        live = [life for life in self.lives.values() if life.playing and self.name(life) == name]
        viewers = [life for life in live if name[1] is Kind.VIEWER and not life.superseded]
        return self.past.get(name, Counts()) + Counts(
            watching=sum(self.is_watching(life, now) for life in viewers),
            quiet=sum(not life.watches_for for life in viewers),
            sessions=len(live),
            started=sum(life.announced for life in live),
            seconds=sum(life.seconds for life in live),
            requests=sum(life.requests for life in live),
            bytes_down=sum(life.bytes_down for life in live),
            bytes_up=sum(life.bytes_up for life in live),
        )

    def is_watching(self, life: Life, now: float) -> bool:
        window = life.watches_for
        return window > 0 and int(now) - int(life.seen) <= math.ceil(window)

    def claim(self, command: Any) -> tuple[Told, ...]:
        self.heartbeat = max(self.heartbeat, command.now)
        given = self.queue[: command.limit]
        del self.queue[: command.limit]
        return tuple(given)

    def sweep(self, command: Any) -> int:
        for whom, denial in list(self.denials.items()):
            if command.now >= denial.until:
                del self.denials[whom]
        return self.end_who_is_over(command.now, command.limit)

    # --- orders ----------------------------------------------------------------------------------

    def invalidate(self, command: Any) -> int:
        marked = 0
        for key, life in self.lives.items():
            stream, is_one = life.opening.stream, life.opening.kind is not Kind.UNSPECIFIED
            if is_one and self.fits(key, stream, command):
                life.invalid = True
                marked += 1
        for mark, (bar, key, stream) in list(self.bars.items()):
            holds = bar.cause is Cause.DENIED and command.now < bar.until
            if holds and self.fits(key, stream, command):
                del self.bars[mark]
                marked += 1
        return marked

    def fits(self, key: bytes, stream: str, command: Any) -> bool:
        if command.key is not None:
            return key == command.key
        if command.stream is not None:
            return stream == command.stream or stream.startswith(f"{command.stream}/")
        return True

    def order(self, command: Any) -> int:
        self.denials.pop(command.denial.whom, None)
        self.denials[command.denial.whom] = command.denial
        self.orders += 1
        return self.orders

    def allow(self, command: Any) -> int:
        if self.denials.pop(command.denial.whom, None) is not None:
            self.orders += 1
        return self.orders

    def postpone(self, command: Any) -> float:
        gap = min(command.now - max(command.since, self.postponed), command.most)
        if gap <= 0:
            return 0.0
        for life in self.lives.values():
            if life.expires > command.since:
                life.until = max(life.seen + life.timeout, life.until) + gap
        self.postponed = command.now
        return gap

    def meta(self, command: Any) -> MetaInfo:
        return MetaInfo(self.idkey, self.orders, tuple(self.denials.values()), self.heartbeat)
