"""The modules of the upload page that need no page, in a real browser: states, answers, names, headers."""

import base64

import pytest
from pydicom import DataElement, Dataset, Sequence, uid

from tests.pictures import dicom, jpeg, pixels

pytestmark = [pytest.mark.e2e]


@pytest.fixture(scope="module")
def module(web, browser):
    """``module(name, expression, *values)``: the expression is a function of the module and the values."""
    page = browser.new_page()
    page.goto(f"{web}/accounts/login/")

    def run(name: str, expression: str, *values: object) -> object:
        script = f"""async values => ({expression})(await import("/static/js/upload/{name}.js"), ...values)"""
        return page.evaluate(script, list(values))

    yield run
    page.close()


def test_every_move_leads_to_a_state_and_every_state_to_an_end(module):
    moves = module("machine", "({ MOVES }) => MOVES")
    assert {target for events in moves.values() for target in events.values()} == set(moves)
    assert [state for state, events in moves.items() if not events] == ["removed"]

    def reached(state: str, seen: frozenset[str] = frozenset()) -> set[str]:
        found = set(moves[state].values()) - seen - {state}
        return {state}.union(*(reached(target, seen | {state} | found) for target in found))

    assert reached("draft") == set(moves)
    # Whatever happens to a case, it can still be accepted, unless it is removed.
    assert all("accepted" in reached(state) for state in moves if state != "removed")


def test_what_may_be_stored_is_not_changed(module):
    """With other content it would go out under another key, and be stored a second time."""
    script = """({ move, may }, events) => {
        const item = { state: "draft", unanswered: false };
        const moved = events.map((event) => move(item, event, event === "lost" || event === "again"));
        return [item.state, moved.every(Boolean), may(item, "change"), may(item, "send")];
    }"""
    lost_on_the_way = ["send", "begin", "lost", "stop"]
    assert module("machine", script, lost_on_the_way) == ["unsent", True, True, True]
    lost_afterwards = ["send", "begin", "allOut", "lost", "stop"]
    assert module("machine", script, lost_afterwards) == ["unsent", True, False, True]
    database_away = ["send", "begin", "allOut", "again", "stop"]
    assert module("machine", script, database_away) == ["unsent", True, False, True]
    answered = [*lost_afterwards, "send", "begin", "allOut", "refuse"]
    assert module("machine", script, answered) == ["refused", True, True, True]
    assert module("machine", script, ["send", "change"])[:2] == ["queued", False]


BATCH = """({ Batch, newPicture }) => {
    const batch = new Batch();
    const pictures = ["a", "b", "c"].map((name) => newPicture(new File(["x"], name)));
    batch.add(pictures);
    const names = () => batch.cases.map((item) => item.pictures.map(({ name }) => name).join("")).join(" ");
    %s
}"""


@pytest.mark.parametrize(
    ("act", "result"),
    [
        ("batch.group(batch.cases.slice(0, 2)); return names();", "ab c"),
        ("batch.separate(batch.group([...batch.cases])); return names();", "a b c"),
        ("batch.moveTo(pictures[2].id, batch.cases[0]); return names();", "ac b"),
        ("batch.moveTo(pictures[2].id, null); return names();", "a b c"),
        (
            "batch.group([...batch.cases]); batch.moveTo(pictures[0].id, null); return names();",
            "bc a",
        ),
        ("batch.takeOut(batch.cases[1], pictures[1].id); return names();", "a c"),
        # What is under way keeps its pictures.
        (
            "batch.cases[0].state = 'sending'; batch.group([...batch.cases]); return names();",
            "a bc",
        ),
        (
            "batch.cases[0].state = 'sending'; return batch.moveTo(pictures[0].id, batch.cases[1]);",
            None,
        ),
        ("batch.cases[0].state = 'sending'; return batch.remove(batch.cases[0]);", False),
    ],
)
def test_pictures_are_grouped_and_never_taken_from_what_is_under_way(module, act, result):
    assert module("batch", BATCH % act) == result


SAME_KEY = """({ Batch, newPicture }, change) => {
    const batch = new Batch();
    batch.defaults = { site: "north", body_part: "HAND", priority: "routine" };
    batch.add([newPicture(new File(["x"], "a"))]);
    const [item] = batch.cases;
    batch.freeze(item);
    const { key } = item;
    item.state = "unsent";
    if (change.own) item.own = change.own;
    if (change.defaults) batch.defaults = { ...batch.defaults, ...change.defaults };
    if (change.state) item.state = change.state;
    if (change.unanswered) item.unanswered = true;
    batch.freeze(item);
    return [item.key === key, item.frozen.fields.find(([name]) => name === "body_part")[1]];
}"""


@pytest.mark.parametrize(
    ("change", "is_same", "body_part"),
    [
        ({}, True, "HAND"),
        ({"own": {"body_part": "HAND"}}, True, "HAND"),  # the same content, said in another place
        ({"own": {"body_part": "FOOT"}}, False, "FOOT"),
        ({"defaults": {"body_part": "FOOT"}}, False, "FOOT"),
        ({"state": "refused"}, False, "HAND"),  # it has its answer: another try is another request
        # It may be stored as it was: it goes out as it was.
        ({"unanswered": True, "defaults": {"body_part": "FOOT"}}, True, "HAND"),
    ],
)
def test_a_key_belongs_to_a_content(module, change, is_same, body_part):
    assert module("batch", SAME_KEY, change) == [is_same, body_part]


ERROR = {"error": {"code": "x", "message": "No."}}


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        ({"status": 201, "body": {"id": "1"}}, "accept"),
        ({"status": 200, "body": {"id": "1"}}, "accept"),
        ({"status": 200, "body": None}, "lost"),  # a page of a proxy
        ({"status": 202, "body": {"id": "1"}, "location": "/api/v1/cases/1"}, "arrive"),
        ({"status": 400, "body": ERROR}, "refuse"),
        ({"status": 400, "body": {"error": {"code": "several_studies"}}}, "ask"),
        ({"status": 413, "body": ERROR}, "refuse"),
        ({"status": 413, "body": None}, "refuse"),  # a proxy's limit
        ({"status": 422, "body": {"error": {"code": "idempotency_key_reused"}}}, "refuse"),
        ({"status": 409, "body": {"error": {"code": "idempotency_key_in_use"}}}, "again"),
        ({"status": 401, "body": ERROR}, "again"),
        ({"status": 403, "body": ERROR}, "again"),
        ({"status": 408, "body": ERROR}, "again"),
        ({"status": 429, "body": ERROR}, "again"),
        ({"status": 503, "body": ERROR}, "again"),
        ({"status": 507, "body": ERROR}, "fail"),
        ({"status": 500, "body": ERROR}, "fail"),
        ({"status": 502, "body": None}, "lost"),
        ({"status": 504, "body": None}, "lost"),
        ({"status": 0, "body": None}, "lost"),
    ],
)
def test_an_answer_has_one_meaning(module, answer, event):
    assert module("answers", "({ meaningOf }, answer) => meaningOf(answer).event", answer) == event


AWAY = {"error": {"code": "database_away", "message": "Look first."}}


@pytest.mark.parametrize(
    ("answer", "is_unsure"),
    [
        ({"status": 503, "body": AWAY}, True),  # perhaps during the commit
        ({"status": 503, "body": {"error": {"code": "busy"}}}, True),
        ({"status": 503, "body": ERROR}, False),
        ({"status": 500, "body": ERROR}, True),
        ({"status": 502, "body": None}, True),
        ({"status": 507, "body": ERROR}, False),
        ({"status": 400, "body": ERROR}, False),
    ],
)
def test_an_answer_says_whether_it_may_be_stored(module, answer, is_unsure):
    script = "({ meaningOf }, answer) => Boolean(meaningOf(answer).unsure)"
    assert module("answers", script, answer) == is_unsure


@pytest.mark.parametrize(
    ("header", "wait"), [("3", 3), ("9999", 120), ("soon", None), (None, None)]
)
def test_a_retry_after_is_bounded(module, header, wait):
    answer = {"status": 503, "body": ERROR, "retryAfter": header}
    script = "({ meaningOf }, answer) => meaningOf(answer).wait"
    assert module("answers", script, answer) == wait


def test_a_reason_is_found_by_position_before_name(module):
    script = "({ reasonOf }, error, position) => reasonOf(error, { name: 'a.png' }, position)"
    by_name = {"files": [{"file": "a.png", "reason": "Cut."}]}
    assert [module("answers", script, by_name, place) for place in (1, 2)] == ["Cut.", "Cut."]
    by_position = {"files": [{"name": "a.png", "position": 2, "reason": "Cut."}]}
    assert [module("answers", script, by_position, place) for place in (1, 2)] == ["", "Cut."]


@pytest.mark.parametrize(
    ("name", "accession"),
    [
        ("4711-2025 AP.jpg", "4711-2025"),
        ("A-10023_left.dcm", "A-10023"),
        ("RX2025001234.png", "RX2025001234"),
        ("ID-4711.png", "ID-4711"),
        ("1.2.840.113619.2.55.3", None),
        ("IMG_2034.JPG", None),
        ("IM000001", None),
        ("DSC01234.jpg", None),
        ("Screenshot 2025-11-02 101500.png", None),
        ("2025-11-02 10.15.00.jpg", None),
        ("20251102_101500.jpg", None),
        ("wrist left.png", None),
    ],
)
def test_a_file_name_proposes_an_order_s_number(module, name, accession):
    script = "({ proposedAccession }, name) => proposedAccession(name)"
    assert module("names", script, name) == accession


@pytest.mark.parametrize(
    ("name", "in_folder", "is_junk"),
    [
        (".DS_Store", False, True),
        ("Thumbs.db", False, True),
        ("DICOMDIR", False, True),
        ("._wrist.png", True, True),
        ("viewer.exe", True, True),
        ("note.pdf", False, False),  # chosen alone: the server says what it is
        ("note.pdf", True, True),
        ("IM000001", True, False),
        ("1.2.840.113619.2.5", True, False),
        ("wrist.dcm", True, False),
    ],
)
def test_what_is_no_picture_is_skipped(module, name, in_folder, is_junk):
    script = "({ isJunk }, name, inFolder) => isJunk(name, inFolder)"
    assert module("names", script, name, in_folder) == is_junk


READ = """({ readHeader }, data) =>
    readHeader(new File([Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0))], "x"))"""


def header(module, data: bytes) -> dict[str, object] | None:
    return module("header", READ, base64.b64encode(data).decode())


def of_a_wrist(**more: object) -> dict[str, object]:
    """Tags, with a sequence of undefined length that holds a tag of the same number."""
    inner = Dataset()
    inner.BodyPartExamined = "SKULL"
    inner.AccessionNumber = "INSIDE"
    inner.is_undefined_length_sequence_item = True
    sequence = DataElement(0x00081032, "SQ", Sequence([inner]))  # Procedure Code Sequence
    sequence.is_undefined_length = True
    return {
        "AccessionNumber": "A-4711",
        "ProcedureCodeSequence": sequence,
        "BodyPartExamined": "WRIST",
        "ViewPosition": "PA",
        "StudyInstanceUID": "1.2.3",
        "ImageLaterality": "L",
        **more,
    }


SYNTAXES = [uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian]


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_the_header_s_few_tags_are_read(module, syntax):
    found = header(module, dicom(pixels(bits=12), syntax=syntax, **of_a_wrist()))
    assert found.pop("patient") > 0
    assert found == {
        "isRead": True,
        "accession": "A-4711",
        "bodyPart": "WRIST",
        "view": "PA",
        "study": "1.2.3",
        "laterality": "L",
    }


@pytest.mark.parametrize(
    ("said", "side"), [("RIGHT", "R"), ("Left", "L"), ("BOTH", "B"), ("N", "")]
)
def test_a_side_may_be_a_word(module, said, side):
    data = dicom(pixels(bits=12), **(of_a_wrist() | {"ImageLaterality": said}))
    assert header(module, data)["laterality"] == side


def test_patients_are_compared_and_neither_shown_nor_kept(module):
    data = [
        base64.b64encode(dicom(pixels(bits=12), PatientID=number)).decode()
        for number in ("ONE", "one", "TWO")
    ]
    script = """async (module, ...data) => {
        const read = %s;
        return (await Promise.all(data.map((one) => read(module, one))));
    }"""
    one, same, other = module("header", script % READ, *data)
    assert one["patient"] == same["patient"] != other["patient"]
    assert "ONE" not in str(one)


def test_a_file_without_preamble_is_read_too(module):
    whole = dicom(pixels(bits=12), **of_a_wrist())
    assert header(module, whole[132:])["bodyPart"] == "WRIST"
    without_meta = whole[whole.index(b"\x08\x00\x16\x00UI") :]
    assert header(module, without_meta)["study"] == "1.2.3"


def test_tags_behind_much_else_are_found(module):
    data = dicom(pixels(bits=12), **of_a_wrist())
    cut = data.index(b"\x10\x00\x10\x00PN")
    block = b"\x09\x00\x10\x00LO\x04\x00CORP" + b"\x09\x00\x01\x10OB\x00\x00"
    block += (3_000_000).to_bytes(4, "little") + bytes(3_000_000)
    assert header(module, data[:cut] + block + data[cut:])["study"] == "1.2.3"


@pytest.mark.parametrize(
    "syntax", [uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian], ids=lambda s: s.name
)
def test_other_syntaxes_are_left_to_the_server(module, syntax):
    found = header(module, dicom(pixels(bits=12), syntax=syntax, **of_a_wrist()))
    assert (found["isRead"], found["bodyPart"]) == (False, "")


def test_every_cut_of_a_header_is_an_answer(module):
    data = dicom(pixels(bits=12), **of_a_wrist())
    script = """async (module, data) => {
        const read = %s;
        const bytes = atob(data);
        for (let end = 0; end < 900; end += 1) await read(module, btoa(bytes.slice(0, end)));
        return true;
    }"""
    assert module("header", script % READ, base64.b64encode(data).decode())


def test_a_picture_is_no_dicom_file(module):
    assert header(module, jpeg()) is None
    assert header(module, b"") is None
