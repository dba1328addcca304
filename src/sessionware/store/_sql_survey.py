"""What is asked about many sessions, or about the whole, in the SQLite store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionware.store import (
    Allow,
    Count,
    Counts,
    Denial,
    Invalidate,
    Listing,
    Living,
    Meta,
    MetaInfo,
    Order,
    Postpone,
    Streams,
    _sql,
    _sql_many,
)
from sessionware.store._rows import (
    bound,
    bound_or_none,
    lines,
    living_of,
    text_of,
    text_or_none,
)
from sessionware.store._transaction import Transaction

if TYPE_CHECKING:
    from sqlite3 import Connection as File


# --- numbers, and lists ------------------------------------------------------------------------


def count(file: File, command: Count) -> Counts:
    """Add up what was asked about."""
    ((_, counts),) = _counted(file, command, each=False)
    return counts


def streams(file: File, command: Streams) -> dict[str, Counts]:
    """Add up each stream."""
    return dict(_counted(file, Count(command.now), each=True))


def _counted(file: File, command: Count, *, each: bool) -> list[tuple[str, Counts]]:
    stream, kind, protocol = command.stream, command.kind, command.protocol
    asked = {
        "stream": bound_or_none(stream),
        "kind": kind and kind.value,
        "protocol": bound_or_none(protocol),
        "second": int(command.now),
    }
    statement = _sql_many.counts(
        stream=stream is not None, kind=kind is not None, protocol=protocol is not None, each=each
    )
    return [(text_of(name), Counts(*numbers)) for name, *numbers in file.execute(statement, asked)]


def listing(file: File, command: Listing) -> tuple[Living, ...]:
    """Give a page of sessions."""
    kind, after = command.kind, command.after
    compared = {
        "kind": kind and kind.value,
        "user": bound_or_none(command.user),
        "ip": bound_or_none(command.ip),
        "holder": command.holder,
    }
    equal = {column: value for column, value in compared.items() if value is not None}
    began, behind = after or (0, b"")
    asked = {
        "tag": None if command.tag is None else lines((command.tag,)),
        "began": began,
        "after": behind,
        "limit": command.limit,
        **_below(command.stream),
        **equal,
    }
    statement = _sql_many.listing(
        stream=command.stream is not None,
        below=command.below,
        pending=command.pending,
        after=after is not None,
        equal=tuple(equal),
        tag=command.tag is not None,
    )
    return tuple(map(living_of, file.execute(statement, asked)))


def _below(stream: str | None) -> dict[str, str | bytes | None]:
    """Give the bounds of a stream and those below it: "0" comes behind "/"."""
    name = stream or ""
    first, end = f"{name}/", f"{name}0"
    return {
        "stream": bound_or_none(stream),
        "below": bound(first),
        "beyond": bound(end),
        "below_bytes": first.encode("utf-8", "surrogatepass"),
        "beyond_bytes": end.encode("utf-8", "surrogatepass"),
    }


# --- orders ------------------------------------------------------------------------------------


def invalidate(file: File, command: Invalidate) -> int:
    """Mark sessions, and forget denials; answer how many."""
    key, stream = command.key, command.stream
    statements = _sql_many.invalidate(key=key is not None, stream=stream is not None)
    about = {"key": key, "now": command.now, **_below(stream)}
    with Transaction(file):
        return sum(file.execute(statement, about).rowcount for statement in statements)


def order(file: File, command: Order) -> int:
    """Put a denial down; answer the new version."""
    denial = command.denial
    whom = _whom(denial)
    with Transaction(file):
        file.execute(_sql_many.TAKE_DENIAL, whom)
        row = (denial.until, bound(denial.reason), *whom)
        file.execute(_sql_many.PUT_DENIAL, row)
        return _new_version(file)


def allow(file: File, command: Allow) -> int:
    """Take a denial back; answer the version then."""
    with Transaction(file):
        if file.execute(_sql_many.TAKE_DENIAL, _whom(command.denial)).rowcount:
            return _new_version(file)
        ((version,),) = file.execute(_sql.META, ("orders",))
        return int(version)


def _new_version(file: File) -> int:
    ((version,),) = file.execute(_sql_many.NEW_ORDERS).fetchall()
    return int(version)


def _whom(denial: Denial) -> tuple[str | bytes | None, ...]:
    ip, user, stream = map(bound_or_none, (denial.ip, denial.user, denial.stream))
    return denial.key, ip, user, stream, denial.holder


# --- the whole -------------------------------------------------------------------------------


def postpone(file: File, command: Postpone) -> float:
    """Move what would have been over while nobody could ask; answer by how much."""
    now, since = command.now, command.since
    with Transaction(file):
        ((before,),) = file.execute(_sql_many.POSTPONED)
        asked = since if before is None else max(since, before)
        gap = min(now - asked, command.most)
        if gap <= 0:
            return 0.0
        file.execute(_sql_many.POSTPONE, {"gap": gap, "since": since})
        file.execute(_sql_many.SET_POSTPONED, (now,))
        return gap


def meta(file: File, _: Meta) -> MetaInfo:
    """Give what belongs to the store as a whole."""
    with Transaction(file, "DEFERRED"):
        about = dict(file.execute(_sql_many.ALL_META).fetchall())
        denials = tuple(
            Denial(
                until,
                text_of(reason),
                key,
                text_or_none(ip),
                text_or_none(user),
                text_or_none(stream),
                holder,
            )
            for until, reason, key, ip, user, stream, holder in file.execute(_sql_many.DENIALS)
        )
    return MetaInfo(about["idkey"], about["orders"], denials, about["heartbeat"])
