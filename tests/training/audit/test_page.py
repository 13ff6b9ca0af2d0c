"""The page's pieces: what a name may hold, and what those are told who can't see a plot."""

import numpy as np

from training.page.frame import Section, page, paragraph
from training.page.pictures import Shown, figure
from training.page.plots import Bar, share_bars
from training.page.tables import table, tiles

EVIL = '<b onload="x">&'


def test_no_text_becomes_markup():
    pieces = [
        paragraph(EVIL),
        table([EVIL], [[EVIL]]),
        tiles([(1, EVIL)]),
        share_bars([Bar(EVIL, 0.5, 0.4, 0.6)], EVIL),
        figure([Shown(np.zeros((4, 4), np.uint8), (EVIL,))], EVIL),
        page(EVIL, EVIL, EVIL, [Section("x", EVIL, "")]),
    ]
    assert not any("<b onload" in each or 'alt="<' in each for each in pieces)


def test_a_plot_is_told_in_words():
    assert 'aria-label="half"' in share_bars([Bar("one", 0.5, 0.4, 0.6)], "half")


def test_a_column_of_numbers_is_grouped_by_thousands_and_set_to_the_right():
    assert '<td class="number">1,129</td>' in table(["class", "pictures"], [["all", 1129]])
