"""The report of a case: as text, as a page that prints, and as PDF."""

import re
import unicodedata

import pytest
from django.urls import reverse

from accounts.refusals import Conflict
from tests.factories import make_case
from tests.pages import flat
from triage.disclosure import shown_to
from triage.report.case_report import CaseReport, ReportedOpinion, case_report
from triage.report.pdf import _Page, pdf_of
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign

pytestmark = pytest.mark.usefixtures("storage")
LAST = "Ω"  # at the end of a text, and nowhere else in its report


@pytest.fixture
def case(site, people):
    return make_case(
        site,
        people.clinician,
        patient_reference="PSEUDONYM-7",
        clinical_question="Fell on\nthe hand.",
        side="L",
    )


@pytest.fixture
def corrected(case, people):
    first = GivenOpinion("certain", ("oblique",), comment="Seen at once.")
    review = sign(case=case, reader=people.reviewer, given=first)
    second = GivenOpinion("certain", ("spiral",), displaced=True, comment="First line\nSecond line")
    return correct(review=review, reader=people.reviewer, given=second)


def report_of(case, person):
    (shown,) = shown_to(person, [type(case).objects.get(pk=case.pk)])
    return case_report(shown)


def opinion(words="No fracture.", comment="", was_corrected=False):
    return ReportedOpinion(words, comment, "Signed by Rita", was_corrected)


def pages_of(pdf):
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_the_text_has_the_question_the_opinion_and_what_was_corrected(corrected, case, people):
    text = report_of(case, people.clinician).text
    lines = text.splitlines()
    assert lines[0] == "SECOND OPINION"
    assert f"Case: {case.name}" in lines
    assert "Patient reference: PSEUDONYM-7" in lines
    assert "Examination: Wrist, Left" in lines
    assert "Question: Fell on the hand." in lines
    opinion = lines[lines.index("OPINION") :]
    assert opinion[1:4] == ["Fracture, certain: spiral, displaced.", "First line", "Second line"]
    assert opinion[4].startswith("Signed by Rita Reviewer, ")
    before = lines[lines.index("SIGNED BEFORE") :]
    assert before[1] == "This was corrected later:"
    assert before[2:4] == ["Fracture, certain: oblique.", "Seen at once."]
    assert lines[-1].startswith("Callus is not a medical device.")


def test_it_says_nothing_of_a_model(corrected, case, people):
    text = report_of(case, people.clinician).text.lower()
    for word in ("model", "62 %", "83 %", "suspected", "agree"):
        assert word not in text


def test_before_the_signature_there_is_none(case, people):
    with pytest.raises(Conflict, match="Nothing is signed yet"):
        report_of(case, people.clinician)


def test_who_may_not_see_the_opinion_gets_none(corrected, case, people, settings):
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"
    with pytest.raises(Conflict):
        report_of(case, people.reviewer)


def test_the_page_prints_light_and_offers_text_and_pdf(corrected, case, people, client):
    client.force_login(people.clinician)
    client.cookies["theme"] = "dark"
    page = flat(client.get(reverse("case_report", args=[case.pk])).content.decode())
    assert 'data-theme="light"' in page
    assert "<title>Report · " in page and "PSEUDONYM" not in page.split("</title>")[0]
    assert "Callus is not a medical device." in page
    for name in ("case_report_text", "case_report_pdf"):
        assert reverse(name, args=[case.pk]) in page


def test_text_and_pdf_have_addresses_of_their_own(corrected, case, people, client):
    client.force_login(people.clinician)
    text = client.get(reverse("case_report_text", args=[case.pk]))
    assert text["Content-Type"] == "text/plain; charset=utf-8"
    assert text.content.decode() == report_of(case, people.clinician).text
    pdf = client.get(reverse("case_report_pdf", args=[case.pk]))
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert case.short_name in pdf["Content-Disposition"]
    for secret in ("PSEUDONYM", case.accession_number, str(case.pk)):
        assert secret not in pdf["Content-Disposition"]


def test_before_the_signature_each_of_them_says_so(case, people, client):
    client.force_login(people.clinician)
    for name in ("case_report", "case_report_text", "case_report_pdf"):
        answer = client.get(reverse(name, args=[case.pk]))
        assert answer.status_code == 409
        assert "Nothing is signed yet" in answer.content.decode()


def test_a_pdf_is_one_page_even_with_the_longest_comment(case):
    long = ("The shaft is broken in two places. " * 115)[:3999] + LAST
    pdf = pdf_of(CaseReport("Second opinion", [("Case", "x")], opinion(comment=long), [], "No."))
    assert pages_of(pdf) == 1 and LAST in letters_of(pdf)


def test_nothing_is_cut_off_where_one_page_is_too_small():
    long = "x y z " * 660
    earlier = [*[opinion(comment=long)] * 5, opinion(comment=long + LAST)]
    pdf = pdf_of(CaseReport("Second opinion", [], opinion(comment=long), earlier, ""))
    assert pages_of(pdf) > 1 and LAST in letters_of(pdf)


def test_a_pdf_has_letters_of_many_alphabets_and_says_what_it_lacks():
    facts = [("Sent by", "Łukasz Žák, Σοφία, Мария, Юрій, Đặng, ὦ")]
    whole = pdf_of(CaseReport("Zweitbefund", facts, opinion(), [], "No."))
    lacking = pdf_of(CaseReport("Second opinion", [("Sent by", "王小明")], opinion(), [], "No."))
    mapped = [letters_of(pdf) for pdf in (whole, lacking)]
    assert set("ŁukaszŽákΣοφίαМарияЮрійĐặngὦ") <= mapped[0] and "?" not in mapped[0]
    assert "王" not in mapped[1] and "?" in mapped[1]
    assert "“" not in mapped[0] and "“" in mapped[1], "A sentence says what the ? stands for."


def written(words):
    """What a page of the PDF holds of ``words``, and whether it says that it lacks letters."""
    page = _Page(CaseReport("Report", [], opinion(words), [], "No."), 9)
    shown = page._writable(words)
    page.output()  # which closes its fonts
    return shown, page.lacks_letters


def test_a_letter_in_two_signs_is_one():
    name = "Đặng Žák Μαρία Андрей"
    assert written(unicodedata.normalize("NFD", name)) == (name, False)


def test_signs_that_nobody_sees_are_no_missing_letters():
    shown, lacks = written("a\tb\u202fc\u3000d \u2060e\u200b\ufefff \u20111 \u22122")
    assert not lacks and "?" not in shown
    assert shown.startswith("a b c d e") and shown.endswith("-1 \u22122")


@pytest.mark.parametrize("name", ["王小明", "محمد", "דוד", "さくら", "สมชาย"])
def test_letters_that_the_font_lacks_are_said_to_lack(name):
    shown, lacks = written(f"Sent by {name}")
    assert lacks and shown.startswith("Sent by ?") and not set(name) & set(shown)


def letters_of(pdf):
    """The letters that a PDF can be read back to: its ToUnicode tables, which aren't compressed."""
    codes = re.findall(rb"<[0-9A-F]{4}> <([0-9A-F]{4})>", pdf)
    return {chr(int(code, 16)) for code in codes}


def test_a_title_of_a_pdf_names_no_patient(corrected, case, people):
    pdf = pdf_of(report_of(case, people.clinician))
    assert b"PSEUDONYM" not in pdf and case.accession_number.encode() not in pdf
