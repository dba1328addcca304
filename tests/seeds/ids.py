"""The sentences of the two seeds that say how something behaves, by their ids.

``docs/mistserver.md`` and ``docs/broadpeak.md`` show one row for each, with the test that holds it.
"""

from __future__ import annotations

_MISTSERVER = """
    M5a M5b M5c M7b M9a M9b M11a M11b M11c M11d M15a M15b
    M19a M19c M21a M21b M21c M21d M21e M21f M21g
    M25a M25b M25c M29a M31 M32 M33 M34 M36a M36b M36c
    M40a M40b M42 M43 M44 M45 M47a M47b
    M51a M51b M53 M54 M55 M56 M58a M58b
    M62a M62b M62c M62d M64 M65 M66 M67 M69a M69b M69c
"""
_BROADPEAK = """
    K3a K3b K3c K3d K5a K5b K7 K11 K13 K16a K18 K19 K23 K25 K31 K33a K35b K36 K37
    K40a K40b K43 K45a K45b K49a K49b K50 K51 K54 K55 K56 K58a K58b K59 K60
    K64a K64b K65
"""

MISTSERVER = tuple(_MISTSERVER.split())
"""Seed 000: line and letter."""

BROADPEAK = tuple(_BROADPEAK.split())
"""Seed 003, likewise."""

LATER = frozenset({"M15a"})
"""What does not exist yet: the page says so in place of a test."""
