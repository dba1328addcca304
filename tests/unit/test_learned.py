"""What manifests say in seconds: xs:duration, sums of Periods, bounds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware.manifest.learned import LONGEST, seconds_of, sum_of_periods, total


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("PT500S", 500),
        ("PT1H2M3.5S", 3723.5),
        ("P1DT1S", 86401),
        ("P2D", 172800),
        ("PT0S", 0),
        ("PT0H0M0.00S", 0),
        ("P0Y0M0DT0H3M30.000S", 210),
        ("P1M", 30 * 86400),
        ("P1Y", 365 * 86400),
        ("PT90M", 5400),
        (" \n\tPT2S\r\n ", 2),
        ("PT000000000000000000002S", 2),
        ("P99999999999999999999Y", LONGEST),
        (f"PT{'9' * 5000}S", LONGEST),
        (f"P{'9' * 5000}YT{'9' * 5000}H", LONGEST),
    ],
)
def test_a_duration_is_read_in_seconds_and_none_is_endless(written: str, seconds: float) -> None:
    assert seconds_of(written) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "written",
    [
        *["", " ", "P", "PT", "P1DT", "T1S", "1", "PT1", "1S", "P1S", "P1H", "PT1D", "PT1Y"],
        *["-PT1S", "PT-1S", "+PT1S", "PT+1S", "PT1S-", "pt1s", "PT 1S", "PT1 S", "PT1S PT1S"],
        *["PT.5S", "PT1.S", "PT1.5M", "PT1,5S", "PT1e9S", "PT1_0S", "PT0x1S", "PT1S1M", "P1M1Y"],
        *[
            "PTNaNS",
            "PTInfS",
            "NaN",
            "inf",
            "PT\N{ARABIC-INDIC DIGIT ONE}S",
            "PT²S",
            "P1W",
            "\xa0PT1S",
            "PT1S\0",
        ],
    ],
)
def test_what_is_no_duration_or_a_negative_one_says_nothing(written: str) -> None:
    assert seconds_of(written) is None


@given(st.text() | st.text("PT0123456789YMDHS.-+ ", max_size=20))
def test_any_text_is_a_bounded_duration_or_none(written: str) -> None:
    seconds = seconds_of(written)
    assert seconds is None or 0 <= seconds <= LONGEST


PARTS = st.lists(st.none() | st.integers(0, 10_000), min_size=6, max_size=6)


@given(PARTS)
def test_each_part_counts_by_its_unit(parts: list[int | None]) -> None:
    texts = ["" if n is None else f"{n}{unit}" for n, unit in zip(parts, "YMDHMS", strict=True)]
    date, time = "".join(texts[:3]), "".join(texts[3:])
    sizes = (31_536_000, 2_592_000, 86_400, 3_600, 60, 1)
    wanted = sum((n or 0) * size for n, size in zip(parts, sizes, strict=True))
    read = seconds_of(f"P{date}{'T' if time else ''}{time}")
    assert read == (min(wanted, LONGEST) if date or time else None)


def test_seconds_add_up_and_are_bounded() -> None:
    assert total([]) == 0
    assert total([b"4", b"2.5", b".5", b"1."]) == 8
    assert total([b"6"] * 100) == 600
    assert total([b"9" * 5000, b"1"]) == LONGEST
    assert total([b"999999999", b"1"]) == LONGEST


# --- Periods ------------------------------------------------------------------------------------


def period(start: float | str | None = None, duration: float | str | None = None) -> dict[str, str]:
    """Give a Period's attributes."""
    given = {"start": start, "duration": duration, "id": "1"}
    return {
        name: value if isinstance(value, str) else f"PT{value}S"
        for name, value in given.items()
        if value is not None
    }


@pytest.mark.parametrize(
    ("periods", "seconds"),
    [
        ([], None),
        ([period()], None),
        ([period(0)], None),
        ([period(duration=60)], 60),
        ([period(0, 60), period(60, 40.5)], 100.5),
        ([period(duration=60), period(duration=40)], 100),
        ([period(), period(50, 10)], 60),
        ([period(20), period(50, 10)], 40),
        ([period(0, 20), period(), period(50, 10)], 60),
        ([period(0, 20), period(20), period(50, 10)], 60),
        ([period(5, 20), period(), period(50, 10)], 55),
        ([period(0, 60), period(60)], None),
        ([period(), period(duration=10)], None),
        ([period(0, 60), period(), period(50, 10)], None),
        ([period(9), period(9, 10)], 10),
        ([period(0, "soon"), period(30, 10)], 40),
        ([period("soon", 30), period("-PT1S", 10)], 40),
        ([period(0, "P999999Y"), period(duration="P999999Y")], LONGEST),
    ],
)
def test_periods_add_up_or_their_end_is_not_known(
    periods: list[dict[str, str]], seconds: float | None
) -> None:
    assert sum_of_periods(periods) == seconds


@given(st.lists(st.tuples(st.integers(0, 9999), st.booleans()), min_size=2))
def test_starts_say_as_much_as_durations(lengths: list[tuple[int, bool]]) -> None:
    begins = [0]
    for length, _ in lengths:
        begins.append(begins[-1] + length)
    spans = list(pairwise(begins))
    periods = []
    for (begin, end), (_, by_start) in zip(spans[:-1], lengths, strict=False):
        # By its start and the next one's, or by its duration alone.
        periods.append(period(begin) if by_start else period(None, end - begin))
    periods.append(period(None, lengths[-1][0]))
    for at, (_, by_start) in enumerate(lengths[:-1]):
        if by_start:
            periods[at + 1] |= period(begins[at + 1])
    assert sum_of_periods(periods) == begins[-1]
