"""The session as the app sees it: what it shows, and what becomes of its data."""

from __future__ import annotations

import copy
import json
import threading
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import pytest

from sessionware import Data, DataError, Kind, Session, State, current_session
from sessionware.identity import parse_session_id
from sessionware.session import Active, Presentation
from sessionware.store import Living

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = bytes(range(16))
STARTED = 1_700_000_000.123


def living(**known: Any) -> Living:
    values: dict[str, Any] = {
        "key": KEY,
        "kind": Kind.VIEWER,
        "stream": "film",
        "ip": "192.0.2.7",
        "protocol": "HLS",
        "service": "",
        "params": "",
        "started": STARTED,
        "last_seen": STARTED + 4,
        "expires": STARTED + 124,
        "state": State.LIVE,
        "requests": 2,
        "data": {},
    }
    return Living(**values | known)


# --- data ---------------------------------------------------------------------------------------


def test_stored_data_is_read_as_json() -> None:
    assert Data({"a": "1", "b": '{"c":[true,null]}'}) == {"a": 1, "b": {"c": [True, None]}}


CHANGES: dict[str, tuple[Callable[[Data], object], dict[str, str | None]]] = {
    "nothing": (lambda data: None, {}),
    "only looked at": (lambda data: data["list"][0], {}),
    "the same again": (lambda data: data.update(text="a"), {}),
    "another value": (lambda data: data.update(text="b"), {"text": '"b"'}),
    "a new key": (lambda data: data.setdefault("new", 1.5), {"new": "1.5"}),
    "inside a list": (lambda data: data["list"].append(2), {"list": "[1,2]"}),
    "deep inside": (lambda data: data["map"]["in"].clear(), {"map": '{"in":{}}'}),
    "a deleted key": (lambda data: data.pop("text"), {"text": None}),
    "all deleted": (lambda data: data.clear(), {"text": None, "list": None, "map": None}),
    "null is no deletion": (lambda data: data.update(text=None), {"text": "null"}),
    "several": (
        lambda data: (data.pop("list"), data.update(text="é", more=[])),
        {"list": None, "text": '"é"', "more": "[]"},
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changes_of_data_are_found(name: str) -> None:
    data = Data({"text": '"a"', "list": "[1]", "map": '{"in":{"x":1}}'})
    change, expected = CHANGES[name]
    change(data)
    assert data.changes() == expected


def test_a_change_is_told_once_and_undoing_it_is_a_change_again() -> None:
    data = Data({"a": "1"})
    data["a"] = 2
    assert data.changes() == {"a": "2"}
    assert data.changes() == {}
    data["a"] = 1
    assert data.changes() == {"a": "1"}


def test_two_requests_that_change_different_keys_do_not_undo_each_other() -> None:
    stored = {"a": "1", "b": "1"}
    one, other = Data(stored), Data(stored)
    one["a"] = 2
    del other["b"]
    merged = stored | one.changes() | other.changes()
    assert merged == {"a": "2", "b": None}


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", float("nan"), float("inf"), 1j])
def test_a_value_that_is_not_json_is_refused_by_the_name_of_its_key(value: object) -> None:
    data = Data({})
    data["pre-roll"] = [value]
    with pytest.raises(DataError, match=r"session\.data\['pre-roll'\] is not JSON"):
        data.changes()


def test_a_value_that_holds_itself_is_not_json() -> None:
    data = Data({})
    data["round"] = data
    with pytest.raises(DataError, match="round"):
        data.changes()


def test_a_value_that_is_nested_too_deep_is_not_json() -> None:
    data = Data({})
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    data["deep"] = deep
    with pytest.raises(DataError, match="deep"):
        data.changes()


def test_a_key_that_is_no_string_is_refused() -> None:
    data = Data({})
    data[7] = "x"  # type: ignore[index]
    with pytest.raises(DataError, match=r"session\.data\[7\]: keys are strings"):
        data.changes()


def test_what_was_refused_is_found_again_once_it_is_mended() -> None:
    data = Data({"a": "1"})
    data.update(a=2, b=object())
    with pytest.raises(DataError):
        data.changes()
    data["b"] = 3
    assert data.changes() == {"a": "2", "b": "3"}


# --- the session --------------------------------------------------------------------------------


def test_a_session_shows_what_the_store_knows() -> None:
    known = {
        "presentation": Presentation.VOD,
        "duration": 60.5,
        "previous": "another-1",
        "user": "ann",
        "window": 0.0,
        "segments": True,
        "seconds": 30.5,
        "bytes_down": 1000,
        "bytes_up": 7,
        "tags": ("a", "b"),
    }
    session = Session.of(
        living(new=True, service="hash", data={"a": "[1]"}, params="q=%C3%A9", **known)
    )
    assert session.to_dict() == {
        "id": session.id,
        "kind": "viewer",
        "stream": "film",
        "ip": "192.0.2.7",
        "protocol": "HLS",
        "service": "hash",
        "user": "ann",
        "started": STARTED,
        "last_seen": STARTED + 4,
        "expires": STARTED + 124,
        "state": "live",
        "presentation": "vod",
        "duration": 60.5,
        "previous": "another-1",
        "requests": 2,
        "seconds": 30.5,
        "quiet": False,
        "bytes_down": 1000,
        "bytes_up": 7,
        "tags": ["a", "b"],
        "new": True,
        "stored": True,
        "params": {"q": "é"},
        "data": {"a": [1]},
    }
    assert json.loads(json.dumps(session.to_dict())) == session.to_dict()


def test_of_a_viewer_who_need_not_ask_nobody_knows_how_long_it_watched() -> None:
    asked = {"window": 0.0, "seconds": 5.0}
    silent = Session.of(living(**asked))
    assert (silent.quiet, silent.seconds) == (True, None)
    by_segments = Session.of(living(segments=True, **asked))
    assert (by_segments.quiet, by_segments.seconds) == (False, 5.0)
    source = Session.of(living(kind=Kind.INPUT, **asked))
    assert (source.quiet, source.seconds) == (False, 5.0)


def test_the_token_is_in_nothing_that_a_session_shows() -> None:
    token = "Secret-token_123"
    session = Session.of(living(), lambda url: f"{url}?tkn={token}")
    assert session.carry("/a.m3u8") == f"/a.m3u8?tkn={token}"
    shown = (repr(session), str(session), session.id, json.dumps(session.to_dict()))
    assert not any(token in text for text in shown)


def test_the_id_names_one_life_of_a_session() -> None:
    first = Session.of(living())
    assert parse_session_id(first.id) == (KEY, 1_700_000_000_123)
    assert first.id == Session.of(living(requests=9, last_seen=STARTED + 60)).id
    assert first.id != Session.of(living(started=STARTED + 600)).id
    assert first.id != Session.of(living(key=KEY[::-1])).id


@pytest.mark.parametrize(
    ("query", "params"),
    [
        ("", {}),
        ("zipcode=25267", {"zipcode": "25267"}),
        ("a=1&b=&a=2", {"a": "2", "b": ""}),
        ("n%61me=%20x+y", {"name": " x y"}),
        ("lone&=x&%ff=%ff", {"lone": "", "": "x", "\ufffd": "\ufffd"}),
    ],
)
def test_params_are_the_decoded_query(query: str, params: dict[str, str]) -> None:
    assert Session.of(living(params=query)).params == params


def test_a_session_that_nobody_looked_into_has_no_changes() -> None:
    session = Session.of(living(data={"a": "1"}))
    assert not session.touched
    assert session.changes() == {}
    session.data["a"] = 2
    assert session.touched
    assert session.changes() == {"a": "2"}


def test_the_data_of_a_session_is_the_same_mapping_each_time() -> None:
    kept = {"a": "[]"}
    session = Session.of(living(data=kept))
    session.data["a"].append(1)
    assert session.data == {"a": [1]}
    assert kept == {"a": "[]"}


def test_a_url_stays_as_it_is_where_nothing_carries() -> None:
    assert Session.of(living()).carry("/a?b") == "/a?b"


# --- the current session ------------------------------------------------------------------------


def test_the_current_session_is_that_of_the_innermost_block() -> None:
    outer, inner = Session.of(living()), Session.of(living())
    assert current_session() is None
    with Active(outer):
        with Active(inner):
            assert current_session() is inner
        assert current_session() is outer
        with Active(None):
            assert current_session() is None
    assert current_session() is None


def test_the_current_session_is_reset_when_the_app_raises() -> None:
    with pytest.raises(RuntimeError), Active(Session.of(living())):
        raise RuntimeError
    assert current_session() is None


def test_another_thread_has_no_current_session_unless_the_context_goes_along() -> None:
    session = Session.of(living())
    seen: list[Session | None] = []

    def see() -> None:
        seen.append(current_session())

    with Active(session):
        alone = threading.Thread(target=see)
        along = threading.Thread(target=copy_context().run, args=(see,))
        for thread in (alone, along):
            thread.start()
            thread.join()
    assert seen == [None, session]


def test_sessions_are_compared_by_identity() -> None:
    session = Session.of(living())
    assert session != copy.copy(session)
