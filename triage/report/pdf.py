"""A report as a PDF of one page: the pages' own font, in all letters that it has.

Inter has the letters of Latin scripts (Vietnamese too), Greek and Cyrillic. Chinese, Arabic and others it
lacks: a font of each would be tens of megabytes, and the text and the page that prints have every letter.
"""

import unicodedata
from collections.abc import Container
from pathlib import Path
from typing import cast

from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from triage.report.case_report import CaseReport, ReportedOpinion

FONTS = Path(__file__).resolve().parent / "fonts"
SIZES = (10.5, 9, 8, 7)  # pt; the largest in which all fits on one page
MARGIN = 18  # mm
MISSING = "?"  # for a letter that the font lacks
INVISIBLE = ("Cf", "Cc")  # categories of signs that only steer how others are shown
ALIKE = {
    "\u2010": "-",
    "\u2011": "-",
    "\u2212": "-",
}  # hyphens and minus, where the font has them not


def pdf_of(report: CaseReport) -> bytes:
    """A longer report than one page of the smallest size goes on: no word of it is left out."""
    for size in SIZES:
        written = _Page(report, size)
        content, pages = written.output(), written.pdf.page_no()
        if pages == 1:
            break
    return content


class _Page:
    """Writes the report in one size."""

    def __init__(self, report: CaseReport, size: float) -> None:
        self.size, self.lacks_letters = size, False
        self.pdf = FPDF(format="A4")
        self.pdf.set_margins(MARGIN, MARGIN)
        self.pdf.set_auto_page_break(True, MARGIN)
        self.pdf.set_title(_("Report"))  # a title is shown in tabs: nothing of the patient
        self.pdf.set_creator("Callus")
        self.pdf.add_font("Inter", "", FONTS / "Inter-Regular.ttf")
        self.pdf.add_font("Inter", "B", FONTS / "Inter-SemiBold.ttf")
        self.pdf.add_page()
        self._write(report)

    def output(self) -> bytes:
        content = bytes(self.pdf.output())
        for font in self.pdf.fonts.values():
            cast(TTFFont, font).ttfont.close()  # the library leaves its files open
        return content

    def _write(self, report: CaseReport) -> None:
        self._line(report.title, bold=True, scale=1.5, after=3)
        for label, words in report.facts:
            self._line(f"{label}: {words}")
        self._line(_("Opinion"), bold=True, scale=1.2, before=5, after=1)
        self._opinion(report.opinion, bold=True)
        if report.earlier:
            self._line(_("Signed before"), bold=True, scale=1.2, before=5, after=1)
        for opinion in report.earlier:
            self._opinion(opinion)
        self._line(report.disclaimer, before=6, scale=0.9)
        if self.lacks_letters:
            text = _(
                "“%(sign)s” may stand for a letter that the font of this PDF lacks. The report as text, "
                "and the page that prints, have all of them."
            )
            self._line(text % {"sign": MISSING}, scale=0.9)

    def _opinion(self, opinion: ReportedOpinion, *, bold: bool = False) -> None:
        if opinion.was_corrected:
            self._line(_("This was corrected later:"))
        self._line(opinion.words, bold=bold)
        if opinion.places:
            self._line(opinion.places)
        if opinion.comment:
            self._line(opinion.comment)
        self._line(opinion.signed, after=0 if opinion.critical else 2)
        if opinion.critical:
            self._line(opinion.critical, after=2)

    def _line(
        self,
        text: str,
        *,
        bold: bool = False,
        scale: float = 1,
        before: float = 0,
        after: float = 0,
    ) -> None:
        size = self.size * scale
        self.pdf.set_font("Inter", "B" if bold else "", size)
        self.pdf.ln(before)
        height = size * 0.3528 * 1.4  # mm of a line
        self.pdf.multi_cell(
            0, height, self._writable(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        self.pdf.ln(after)

    def _writable(self, text: str) -> str:
        known = cast(TTFFont, self.pdf.current_font).cmap
        # A letter and its accent as one sign: names of files from some systems have two.
        signs = [_sign(sign, known) for sign in unicodedata.normalize("NFC", text)]
        self.lacks_letters = self.lacks_letters or None in signs
        return "".join(MISSING if sign is None else sign for sign in signs)


def _sign(sign: str, known: Container[int]) -> str | None:
    """What is written for a sign; None for a letter that the font lacks."""
    if sign == "\n" or ord(sign) in known:
        return sign
    if sign == "\t" or unicodedata.category(sign) == "Zs":
        return " "
    if unicodedata.category(sign) in INVISIBLE:
        return ""
    return ALIKE.get(sign)
