"""The letters N, I, S and T on 7 × 7 pixels, moved about and damaged."""

from __future__ import annotations

import itertools
from collections import Counter
from functools import cache

from spec.lfsr import seed_register

LETTERS = "NIST"

GLYPHS = """
#...#  #####  .####  #####
##..#  ..#..  #....  ..#..
#.#.#  ..#..  .###.  ..#..
#..##  ..#..  ....#  ..#..
#...#  #####  ####.  ..#..
"""
"""A column for each letter; # is 1."""

SIDE, GLYPH_SIDE = 7, 5
PIXELS = SIDE * SIDE

SAMPLES = 2048
"""Training samples; there are as many held-out ones."""

Image = int
"""Bit SIDE · row + column is a pixel."""


def glyph(letter: int) -> Image:
    """Draw a letter in the upper left corner."""
    rows = [line.split()[letter] for line in GLYPHS.split("\n") if line]
    return sum(
        (pixel == "#") << SIDE * row + column
        for row, pixels in enumerate(rows)
        for column, pixel in enumerate(pixels)
    )


@cache
def images() -> tuple[tuple[Image, ...], ...]:
    """List the images of each letter, shuffled, but always in the same way.

    An image is a glyph at one of its 9 places, with none, one or two of the 49 pixels flipped.
    Images of two letters at once are left out. `spec.lfsr.seed_register`, one to one, shuffles: an
    image's key is that of its number in the list of its letter.
    """
    places = range(SIDE - GLYPH_SIDE + 1)
    offsets = [SIDE * y + x for y in places for x in places]
    flips = [
        sum(1 << pixel for pixel in some)
        for count in range(3)
        for some in itertools.combinations(range(PIXELS), count)
    ]
    made = [
        list(dict.fromkeys(glyph(k) << offset ^ flip for offset in offsets for flip in flips))
        for k in range(len(LETTERS))
    ]
    letters = Counter(itertools.chain.from_iterable(made))
    return tuple(
        tuple(same[k] for k in sorted(range(len(same)), key=seed_register) if letters[same[k]] == 1)
        for same in made
    )


def samples(held_out: bool = False) -> list[tuple[list[int], list[int]]]:
    """List (pixels, one target for each letter), all 0 or 1; the letters take turns.

    Parameters
    ----------
    held_out : bool
        Whether to list the samples that training never sees instead of those it does.
    """
    each = SAMPLES // len(LETTERS)
    chosen = slice(each, 2 * each) if held_out else slice(each)
    return [
        ([image >> pixel & 1 for pixel in range(PIXELS)], [int(k == letter) for k in range(4)])
        for turn in zip(*(same[chosen] for same in images()), strict=True)
        for letter, image in enumerate(turn)
    ]
