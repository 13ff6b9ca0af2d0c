"""One case as a page: the model's output, the claim, the signature, the correction."""

import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import escape
from PIL import Image as Picture

from classifier.body_part_terms import BODY_PARTS
from classifier.header_terms import AGE_BANDS, PROJECTIONS
from classifier.indication_table import BUILT_IN
from classifier.indications import UNKNOWN_PART
from classifier.reasons import NOT_ASSESSABLE
from tests.factories import make_case, make_prediction, make_release
from tests.pages import flat
from triage.inference.case_update import update_cases
from triage.intake.services import withdraw_case
from triage.models import Case, Job, Prediction, Release, Review
from triage.review.claims import claim
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import CLOSED_STATES, OPEN_STATES, CaseState, JobState
from triage.vocabulary import INDICATION_LABELS, AgeBand, Projection
from triage.web.badges import STATES

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician, top="spiral", confidence=0.7, images=2)


@pytest.fixture
def reader(people, client):
    client.force_login(people.reviewer)
    return client


def at(name, case, *more):
    return reverse(name, args=[case.pk, *more])


def text(answer):
    return flat(answer.content.decode())


def shown_of(page, number):
    """The model's output for one picture, without the tags of the rest of the page."""
    parts = page.split('<div class="image-output" data-of-image="')
    (found,) = [part for part in parts[1:] if part.startswith(f'{number}"')]
    return found.split("</div>")[0]


@pytest.fixture
def two_pictures(site, people):
    """The second gives the case its call: the first one looks healthy to the model."""
    case = make_case(site, people.clinician, CaseState.RECEIVED, images=2)
    Job.objects.all().delete()
    release = make_release()
    one, two = case.images.all()
    make_prediction(one, release, "hairline", 0.9, call="negative", fracture_probability=0.04)
    make_prediction(two, release, "spiral", 0.7)
    update_cases([case.pk])
    case.refresh_from_db()
    assert case.deciding_prediction.image == two
    return case


@pytest.mark.parametrize(
    ("asked", "number", "said"),
    [
        ("", 2, "Fracture suspected"),
        ("?image=1", 1, "No fracture seen"),
        ("?image=2", 2, "Fracture suspected"),
        ("?picture=1", 1, "No fracture seen"),  # the older name in kept addresses
    ],
)
def test_every_fact_is_the_shown_pictures(two_pictures, reader, asked, number, said):
    """Without a script too: the strip's links name the picture."""
    page = text(reader.get(at("case", two_pictures) + asked))
    shown = two_pictures.images.all()[number - 1]
    assert f'id="image" src="{at("image", shown, "display")}"' in page
    facts = re.findall(r'data-of-image="(\d)"( hidden)?>(.*?)</div>', page, re.DOTALL)
    assert {(int(n), bool(is_hidden)) for n, is_hidden, __ in facts} == {
        (number, False),
        (3 - number, True),
    }
    assert all(shown.file_name not in part for n, __, part in facts if int(n) != number)
    assert sum(shown.file_name in part for n, __, part in facts if int(n) == number) == 1
    assert said in shown_of(page, number)
    assert ("classes" in shown_of(page, number)) == (number == 2)
    current = re.search(r'<a href="([^"]*)"[^>]*aria-current="true"', page).group(1)
    assert current == f"{at('case', two_pictures)}?image={number}"


@pytest.mark.parametrize("asked", ["", "?image=1", "?image=2"])
def test_the_case_s_call_is_marked_as_the_case_s(two_pictures, reader, asked):
    page = text(reader.get(at("case", two_pictures) + asked))
    assert re.search(r"Case: <strong>Fracture suspected, spiral</strong>.*picture 2</a>", page)
    assert "Agree: fracture, spiral (picture 2)" in page
    assert page.count(">gives the call<") == 1
    assert re.search(r'>2 <span class="gives-call">', page)


@pytest.mark.parametrize("asked", ["0", "3", "x", ""])
def test_no_other_picture_is_shown_in_place_of_one_that_there_is_not(two_pictures, reader, asked):
    for name in ("case", "case_model_output"):
        for parameter in ("image", "picture"):
            assert reader.get(at(name, two_pictures), {parameter: asked}).status_code == 404


def test_a_correction_agrees_with_what_its_reader_saw(two_pictures, people, reader):
    seen = two_pictures.deciding_prediction_id
    sign(
        case=two_pictures,
        reader=people.reviewer,
        given=GivenOpinion("certain", ("oblique",)),
        prediction_id=seen,
    )
    make_prediction(two_pictures.images.all()[1], make_release(), "comminuted", 0.9)
    page = text(reader.get(at("case", two_pictures)))
    assert "the model had said Fracture suspected, spiral (picture 2)" in page
    form = page.split('<form method="post" class="review-form"')[1]
    assert "Agree: fracture, spiral (picture 2)" in form
    review = Review.objects.get()
    reader.post(at("case_correct", two_pictures, review.pk), {"agrees": "yes"})
    assert Review.objects.standing().get().classes == ["spiral"]


def test_a_correction_of_an_opinion_without_the_model_has_nothing_to_agree_with(
    case, people, reader
):
    sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    form = text(reader.get(at("case", case))).split('<form method="post" class="review-form"')[1]
    assert re.search(r'name="agrees" value="yes"\s+disabled', form)


def test_the_model_s_output_shows_ten_classes_and_is_no_diagnosis(case, reader):
    page = text(reader.get(at("case", case)))
    # Of each of two pictures ten and the call's own; the case's own.
    assert page.count('class="number"') == 23
    assert "Spiral" in page
    for number in (1, 2):
        assert shown_of(page, number).count("no diagnosis") == 1


@pytest.mark.parametrize(
    ("said", "shown", "hidden"),
    [
        (
            {"fracture_probability": None},
            ["Spiral <span", "not trained on healthy bones"],
            ["Not assessable</p>", "fracture 83 %"],
        ),
        (
            {"call": "positive", "fracture_probability": 0.83},
            ["Spiral <span", "Fracture suspected", "fracture 83 %"],
            ["healthy bones"],
        ),
        (
            {"call": "doubt", "fracture_probability": 0.41},
            ["Spiral <span", "In doubt", "fracture 41 %"],
            [],
        ),
        (
            {"call": "negative", "fracture_probability": 0.04},
            ["No fracture seen", "rule out a fracture", "fracture 4 %"],
            ["runner-up", "Not ruled out", 'class="classes"'],
        ),
        (
            {"assessable": False, "reason": NOT_ASSESSABLE["chest"], "fracture_probability": 0.5},
            ["Not assessable", "looks like a chest film"],
            ["fracture 50 %", "runner-up", "Not ruled out", 'class="classes"'],
        ),
    ],
)
def test_the_page_says_what_the_model_made_of_it(site, people, reader, said, shown, hidden):
    case = make_case(site, people.clinician, top="spiral", images=2, finding=said)
    page = text(reader.get(at("case", case)))
    assert all(each in page for each in shown), shown
    assert not any(each in page for each in hidden), hidden


@pytest.mark.parametrize("call", ["positive", "negative"])
def test_a_call_that_may_not_be_used_is_neither_shown_nor_believed(site, people, reader, call):
    make_release(usable=False)
    said = {"call": call, "fracture_probability": 0.999}
    case = make_case(site, people.clinician, top="spiral", finding=said)
    page = text(reader.get(at("case", case)))
    assert "to recognize fractures in pictures from other hospitals" in page
    assert "In doubt" in page
    assert "The model is in doubt: say yourself whether there is a fracture." in page
    assert not re.search(r"fracture (&gt;|>) 99|No fracture seen|Fracture suspected", page)


@pytest.mark.parametrize("call", ["positive", "negative"])
def test_a_closed_case_is_not_said_to_be_in_doubt_though_its_call_is_used_no_more(
    site, people, reader, call
):
    release = make_release()
    make_case(site, people.clinician, CaseState.REVIEWED, top="spiral", finding={"call": call})
    Release.objects.filter(pk=release.pk).update(call_is_usable=False)
    page = text(reader.get(at("case", Case.objects.get())))
    assert {"positive": "Fracture suspected", "negative": "No fracture seen"}[call] in page
    assert "to recognize fractures in pictures from other hospitals" in page
    assert "in doubt" not in page
    assert "was closed before that was known" in page


@pytest.mark.parametrize("state", [*OPEN_STATES, *CLOSED_STATES])
def test_the_head_names_the_state_as_the_list_does(site, people, reader, state):
    case = make_case(site, people.clinician, state)
    head = reader.get(reverse("case", args=[case.pk])).content.decode()
    (shown,) = re.findall(r'class="case-head".*?</div>', head, re.DOTALL)
    assert f">{STATES[state].label}<" in shown


def test_a_case_that_waits_for_the_model_says_so_and_can_be_signed(site, people, reader):
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    page = text(reader.get(at("case", case)))
    assert 'data-working="yes"' in page
    assert 'name="fracture" value="none"' in page


KEYS = {"certain": "1", "possible": "2", "none": "3", "not_assessable": "4", "yes": "a"}
OPTION = re.compile(
    r'name="(?:fracture|agrees)" value="(\w+)"([^>]*)data-act="[^"]*" aria-keyshortcuts="(\w)"'
)


@pytest.mark.parametrize(
    ("state", "said", "agrees_with"),
    [
        ("predicted", {}, "Agree: fracture, spiral"),
        ("predicted", {"call": "negative"}, "Agree: no fracture"),
        ("predicted", {"assessable": False}, "Agree: not assessable"),
        ("predicted", {"call": "doubt"}, None),
        ("received", None, None),
        ("failed", None, None),
    ],
)
def test_a_key_belongs_to_an_opinion_on_every_case(site, people, reader, state, said, agrees_with):
    case = make_case(site, people.clinician, state, top="spiral", finding=said)
    page = text(reader.get(at("case", case)))
    options = OPTION.findall(page)
    assert {value: key for value, __, key in options} == KEYS
    refused = [value for value, rest, __ in options if "disabled" in rest]
    assert refused == ([] if agrees_with else ["yes"])
    why_not = "is in doubt: say" if said else "made no call on this case"
    assert (agrees_with or why_not) in page
    assert ('class="choice agree"' in page) == bool(agrees_with)  # no dead choice


def test_agreement_with_no_fracture_is_shown_as_such(site, people, reader):
    case = make_case(site, people.clinician, top="spiral", finding={"call": "negative"})
    form = {"agrees": "yes", "prediction": str(case.deciding_prediction_id)}
    page = text(reader.post(at("case_review", case), form, follow=True))
    assert "<strong>No fracture.</strong>" in page
    assert "agreed with" in page
    assert "the model had said No fracture seen" in page


def test_agreement_is_not_carried_over_to_another_prediction(case, reader):
    seen = case.deciding_prediction_id
    make_prediction(case.first_image, make_release(), "fracture_dislocation", 0.9)
    update_cases([case.pk])
    answer = reader.post(at("case_review", case), {"agrees": "yes", "prediction": str(seen)})
    assert answer.status_code == 409
    assert " checked" not in text(answer).split('class="choice agree"')[1].split("</label>")[0]


def test_a_failed_case_shows_the_reason_and_a_retry(site, people, reader):
    case = make_case(site, people.clinician, CaseState.FAILED)
    assert "The model could not read this picture." in text(reader.get(at("case", case)))
    reader.post(at("case_retry", case))
    assert Job.objects.get(image__case=case).state == JobState.QUEUED


def test_the_sender_reads_why_they_can_not_sign(case, people, client):
    client.force_login(people.clinician)
    page = text(client.get(at("case", case)))
    assert "You sent this case" in page
    assert 'name="fracture"' not in page


def test_claim_sign_and_correct(case, people, reader):
    reader.post(at("case_claim", case))
    assert "Claimed by me" in text(reader.get(at("case", case)))
    form = {"fracture": "certain", "classes": ["oblique", "comminuted"], "comment": "Two."}
    answer = reader.post(at("case_review", case), form, follow=True)
    assert "<strong>Fracture, certain: comminuted, oblique.</strong>" in text(answer)
    review = Review.objects.get()
    reader.post(at("case_correct", case, review.pk), {"fracture": "none", "comment": ""})
    assert Review.objects.standing().get().fracture == "none"
    assert "corrected later" in text(reader.get(at("case", case)))


def test_a_contradiction_is_refused_by_name_and_nothing_of_it_is_lost(case, reader):
    form = {
        "fracture": "none",
        "classes": ["oblique"],
        "displaced": "no",
        "old": "yes",
        "places": '[{"image": 1, "x": 0.5, "y": 0.25}]',
        "other_finding": "Effusion",
    }
    answer = reader.post(at("case_review", case), form)
    assert answer.status_code == 400
    page = text(answer)
    said = "“No fracture” contradicts what you said of a fracture: oblique, displaced, old, a place"
    assert said in page
    for kept in (
        'name="fracture" value="none" checked',
        'name="classes" value="oblique" checked',
        'name="displaced" value="no" checked',
        'name="old" value="yes" checked',
        "{&quot;image&quot;: 1, &quot;x&quot;: 0.5, &quot;y&quot;: 0.25}",
        'value="Effusion"',
    ):
        assert kept in page, kept
    assert not Review.objects.exists()


def test_what_was_typed_comes_back_with_the_reason(case, people, reader):
    claim(case=case, reader=people.clinician2)
    form = {"fracture": "certain", "classes": ["oblique"], "comment": "Typed by hand."}
    answer = reader.post(at("case_review", case), form)
    assert answer.status_code == 409
    assert "Carl Clinician is reading this case" in text(answer)
    empty = reader.post(at("case_review", case), {"fracture": "", "comment": "Typed by hand."})
    assert not Review.objects.exists()
    assert empty.status_code == 409


@pytest.mark.parametrize("meanwhile", ["signed", "withdrawn", "claimed"])
def test_what_was_typed_is_not_lost_where_no_form_is_left(case, people, reader, meanwhile):
    if meanwhile == "signed":
        sign(case=case, reader=people.clinician2, given=GivenOpinion("none"))
    elif meanwhile == "withdrawn":
        withdraw_case(case=case, actor=people.clinician, reason="Sent by mistake.")
    else:
        claim(case=case, reader=people.clinician2)
    form = {"fracture": "certain", "classes": ["oblique"], "comment": "Typed by hand."}
    page = text(reader.post(at("case_review", case), form))
    assert 'id="review-form"' not in page
    assert "What you wrote was not signed" in page
    assert page.count("Typed by hand.") == 1
    assert "Typed by hand." in text(reader.get(at("case", case)))
    reader.force_login(people.clinician2)
    assert "Typed by hand." not in text(reader.get(at("case", case)))


def test_an_incomplete_opinion_comes_back_with_what_was_typed(case, reader):
    form = {"classes": ["oblique"], "comment": "Typed by hand."}
    answer = reader.post(at("case_review", case), form)
    assert answer.status_code == 400
    assert "Choose an opinion: is there a fracture?" in text(answer)
    assert "Typed by hand." in text(answer)


def test_markup_in_a_comment_is_only_text(case, people, reader):
    sign(
        case=case,
        reader=people.reviewer,
        given=GivenOpinion("none", comment="<script>alert(1)</script>"),
    )
    page = text(reader.get(at("case", case)))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_case_is_withdrawn_with_its_reason_shown(case, people, client):
    client.force_login(people.clinician)
    client.post(at("case_withdraw", case), {"reason": "Wrong patient"})
    page = text(client.get(at("case", case)))
    assert "Wrong patient" in page
    assert "Withdraw the case" not in page


@pytest.mark.parametrize("which", ["top", "rival"])
def test_the_activation_map_is_a_picture_of_the_images_shape(case, reader, which):
    prediction = Prediction.objects.filter(image__case=case).first()
    answer = reader.get(at("activation_map", prediction, which))
    picture = Picture.open(io.BytesIO(answer.content))
    image = prediction.image
    assert picture.mode == "RGBA"
    assert picture.width / picture.height == pytest.approx(image.width / image.height, rel=0.01)
    alpha = picture.getchannel("A")
    assert alpha.getpixel((picture.width - 2, picture.height - 2)) > alpha.getpixel((2, 2))
    headers = {"If-None-Match": answer["ETag"]}
    assert reader.get(at("activation_map", prediction, which), headers=headers).status_code == 304


def test_an_original_is_saved_and_never_shown_inline(case, reader):
    answer = reader.get(at("image", case.first_image, "original"))
    assert b"".join(answer).startswith(b"\x89PNG")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_page_asks_a_fixed_number_of_queries(
    site, people, reader, django_assert_max_num_queries
):
    small = make_case(site, people.clinician, images=1)
    large = make_case(site, people.clinician, images=6)
    for case in (small, large):
        with django_assert_max_num_queries(23):
            reader.get(at("case", case))


def test_a_prediction_that_is_none_is_refused_in_a_sentence(case, reader):
    form = {"agrees": "yes", "prediction": "1", "comment": "Typed by hand."}
    answer = reader.post(at("case_review", case), form)
    assert answer.status_code == 400
    assert "The form names no prediction." in text(answer)
    assert "Typed by hand." in text(answer)
    assert not Review.objects.exists()


def test_a_fault_of_our_own_is_no_refusal(case, reader, monkeypatch):
    """A ValueError out of the service once came back as "look again", and nobody learnt of it."""

    def broken(**given):
        raise ValueError

    monkeypatch.setattr("triage.web.case.sign", broken)
    with pytest.raises(ValueError):  # the client raises what a page answers with 500
        reader.post(at("case_review", case), {"fracture": "none"})


def test_a_failure_of_an_older_release_does_not_stay_beside_a_newer_prediction(
    site, people, reader
):
    case = make_case(site, people.clinician, CaseState.FAILED)
    said = "The model could not read this picture."
    assert said in text(reader.get(at("case", case)))
    make_prediction(case.first_image, make_release(), "spiral", 0.9)
    update_cases([case.pk])
    assert said not in text(reader.get(at("case", case)))


def test_signing_while_signed_out_comes_back_to_the_case(case, client):
    answer = client.post(at("case_review", case), {"fracture": "none"})
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"?next={at('case', case)}")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("case_review", {"fracture": "none", "comment": "a\0b"}),
        ("case_withdraw", {"reason": "a\0b"}),
        ("case_withdraw", {"reason": "x" * 501}),
    ],
)
def test_a_text_that_can_not_be_kept_is_refused_whole(case, reader, name, form):
    answer = reader.post(at(name, case), form, follow=True)
    assert "be stored" in text(answer) or "501 characters" in text(answer)
    case.refresh_from_db()
    assert case.is_open


def test_a_prediction_that_was_not_seen_is_not_signed_for(case, people, reader):
    reader.post(at("case_review", case), {"fracture": "none"})
    assert Review.objects.get().prediction is None


@pytest.mark.parametrize("minutes", [-1, 1])
def test_what_the_model_says_after_the_signature_is_marked(client, site, people, minutes):
    """The reader signed before the model had read the picture."""
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    case.refresh_from_db()
    Job.objects.filter(image__case=case).delete()
    prediction = make_prediction(case.first_image, Release.objects.get(), "spiral", 0.9)
    said_at = case.closed_at + timedelta(minutes=minutes)
    Prediction.objects.filter(pk=prediction.pk).update(created_at=said_at)
    client.force_login(people.reviewer)
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "Spiral" in page
    assert ("said this after the case was closed" in page) == (minutes > 0)


def test_a_picture_that_no_model_reads_says_why(site, people, reader):
    case = make_case(site, people.clinician, CaseState.RECEIVED, body_part="CHEST")
    reason = str(BUILT_IN[2]["reason"])
    Job.objects.update(state=JobState.EXCLUDED, reason=reason)
    update_cases([case.pk])
    page = text(reader.get(at("case", case)))
    panel = shown_of(page, 1)
    assert "Not read by a model" in panel
    assert escape(reason) in panel
    for wrong in (
        "is reading the picture",
        "has said nothing",
        at("case_retry", case),
        'data-working="yes"',
    ):
        assert wrong not in page
    row = text(reader.get("/"))
    assert "Not read by a model" in row
    assert "being read" not in row
    # It is signed like any other case; there is nothing to agree with.
    answer = reader.post(at("case_review", case), {"fracture": "none"})
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == CaseState.REVIEWED
    assert "Not read by a model" in text(reader.get(at("case", case)))


@pytest.mark.parametrize(
    ("finding", "indication"),
    [
        ({"not_measured_for": ["child", "shoulder"]}, "Not measured for: child, shoulder."),
        ({"not_measured_for": ["unknown_body_part"]}, "Not measured for: an unknown body part"),
        (
            {"not_measured_for": ["older"], "call": "negative"},
            "Not measured for: 65 years or more.",
        ),
        ({"not_measured_for": ["child"], "assessable": False, "reason": "Blank."}, None),
        ({"not_measured_for": []}, None),
    ],
)
def test_a_finding_says_what_the_release_was_not_measured_for(
    site, people, reader, finding, indication
):
    case = make_case(site, people.clinician, finding={"indication": "not_measured", **finding})
    page = text(reader.get(at("case", case)))
    assert (indication in page) if indication else ("Not measured for" not in page)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Projection and age are not known."),
        ({"projection": Projection.AP}, "Age is not known."),
        ({"age_band": AgeBand.ADULT}, "Projection is not known."),
        ({"age_band": AgeBand.ADULT, "projection": Projection.AP}, ""),
        # What the header of another picture filled in says nothing of this one.
        (
            {"projection": Projection.AP, "from_header": ["projection"]},
            "Projection and age are not known.",
        ),
    ],
)
def test_an_unknown_fact_is_not_taken_for_measured(site, people, reader, fields, says):
    case = make_case(site, people.clinician, finding={"indication": "measured"}, **fields)
    page = text(reader.get(at("case", case)))
    assert says in page
    assert (" not known." in page) is bool(says)


@pytest.mark.parametrize(
    "finding",
    [{"assessable": False, "reason": "Blank.", "indication": "measured"}, {"indication": ""}],
)
def test_of_what_was_not_called_or_not_looked_up_nothing_is_missed(site, people, reader, finding):
    case = make_case(site, people.clinician, finding=finding)
    assert " not known." not in text(reader.get(at("case", case)))


def test_every_word_that_a_release_may_not_be_measured_for_has_its_words_on_the_page():
    of_pictures = [*BODY_PARTS, *PROJECTIONS, *AGE_BANDS, UNKNOWN_PART]
    assert set(of_pictures) == set(INDICATION_LABELS)
