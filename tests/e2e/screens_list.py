"""Which pictures are taken: every page of the URL table, and each state of a case's page."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.screens_world import World, drawing

Prepare = Callable[[Page], object]
DRAWN = """() => {
  const { pane } = document.getElementById("viewer") ?? {};
  return !pane || Boolean(pane.loaded && !pane.canvas.hidden && !pane.isAwaited);
}"""


@dataclass(frozen=True)
class Screen:
    """``page``: its name in the URL table, "" for an error. ``address`` may name a case: "{mine}".

    ``who`` is signed in; nobody if it is empty. ``prepare``: what is done on the page before it is pictured.
    """

    name: str
    page: str
    who: str
    address: str
    prepare: Prepare | None = None

    def path(self, world: World) -> str | None:
        """None where the demonstration has no such case."""
        ids = {name.replace("-", "_"): id_ for name, id_ in (world.cases | world.others).items()}
        try:
            return self.address.format(**ids)
        except KeyError:
            return None


def press(*keys: str) -> Prepare:
    def act(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key)

    return act


def click(selector: str) -> Prepare:
    return lambda page: page.locator(selector).first.click()


def find(text: str) -> Prepare:
    def act(page: Page) -> None:
        page.fill("main [name=text], .finder [name=text]", text)
        page.keyboard.press("Enter")
        page.wait_for_load_state()

    return act


def _map(page: Page) -> None:
    page.click("#map-toggle")
    page.evaluate("document.getElementById('map').decode().then(() => true)")


def _beside(page: Page) -> None:
    page.keyboard.press("v")
    expect(page.locator("#beside")).to_be_visible()
    page.wait_for_function(DRAWN.replace("viewer", "beside"))


def _ticked(page: Page) -> None:
    """Two rows are ticked, and the form of a lead is half filled in."""
    for box in page.locator(".tick input").all()[:2]:
        box.check()
    page.select_option("#bulk [name=priority]", "stat")


def _typed_wait(page: Page) -> None:
    """Another wait, and what it would do."""
    page.locator("#waits-form input[type=number]").first.fill("20")
    expect(page.locator("#preview table")).to_be_visible()


def _chosen(page: Page) -> None:
    page.set_input_files("#images", drawn_files())
    expect(page.locator(".case")).to_have_count(3)


def _missing(page: Page) -> None:
    _chosen(page)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#body_part")).to_be_focused()


def _wrong_password(page: Page) -> None:
    page.fill("[name=login]", "somebody@demo.callus.test")
    page.fill("[name=password]", "wrong")
    page.click("main button.main")


def _password_mailed(page: Page) -> None:
    page.fill("[name=email]", "nobody@demo.callus.test")
    page.click("main button")


def _too_many_mails(page: Page) -> None:
    address = page.url
    for _ in range(30):
        _password_mailed(page)
        if page.get_by_role("heading", name="Wait a minute").is_visible():
            return
        page.goto(address)
    raise AssertionError("Nobody was told to wait.")


def drawn_files() -> list[FilePayload]:
    """Three pictures as a person would choose them."""
    names = ("4711-2025 AP.png", "4711-2025 lateral.png", "IMG_2034.png")
    labels = ("spiral", "oblique", "hairline")
    return [
        FilePayload(name=name, mimeType="image/png", buffer=drawing(label, seed))
        for seed, (name, label) in enumerate(zip(names, labels, strict=True))
    ]


def _case(name: str, case: str, who: str = "reviewer", prepare: Prepare | None = None) -> Screen:
    return Screen(f"case-{name}", "case", who, f"/cases/{{{case}}}/", prepare)


def _account(name: str, page: str, path: str, who: str = "", do: Prepare | None = None) -> Screen:
    return Screen(name, page, who, f"/accounts/{path}", do)


SCREENS = (
    Screen("worklist", "worklist", "reviewer", "/"),
    Screen("worklist-suspected", "worklist", "reviewer", "/?call=positive"),
    Screen(
        "worklist-filters",
        "worklist",
        "reviewer",
        "/?call=positive&late=1",
        click("details.filters > summary"),
    ),
    Screen(
        "worklist-saved-views",
        "worklist",
        "reviewer",
        "/?priority=stat",
        click("details.views > summary"),
    ),
    Screen("worklist-read", "worklist", "reviewer", "/?state=reviewed"),
    Screen("worklist-third", "worklist", "admin", "/?state=third"),
    Screen("worklist-lead", "worklist", "admin", "/", _ticked),
    Screen("worklist-empty", "worklist", "reviewer", "/?call=negative&late=1"),
    Screen("worklist-clinician", "worklist", "clinician", "/"),
    Screen("worklist-keys", "worklist", "reviewer", "/", press("?")),
    Screen("worklist-no-cases", "worklist", "staff", "/"),
    Screen("find", "worklist_find", "reviewer", "/worklist/find/"),
    Screen("find-found", "worklist_find", "reviewer", "/worklist/find/", find("A-47")),
    Screen("find-nothing", "worklist_find", "reviewer", "/worklist/find/", find("Nowhere")),
    _case("undecided", "undecided"),
    _case("map", "undecided", prepare=_map),
    _case("beside", "undecided", prepare=_beside),
    _case("keys", "undecided", prepare=press("?")),
    _case("mine", "mine"),
    _case("another", "another"),
    _case("another-lead", "mine", "admin"),
    _case("priority", "skipped", "admin", click("summary:has-text('Change the priority')")),
    _case("draft", "drafted"),
    _case("skipped", "skipped"),
    _case("blind", "blind"),
    _case("blind-mine", "blind_mine"),
    _case("blind-locked", "blind_locked"),
    _case("third", "third", "admin"),
    _case("third-waits", "third"),
    _case("signed", "signed"),
    _case("signed-correct", "signed", prepare=click(".reviews details > summary")),
    _case("corrected", "corrected"),
    _case("clear", "clear"),
    _case("not-assessable", "unassessable"),
    _case("no-radiograph", "no_radiograph"),
    _case("failed", "failed"),
    _case("withdrawn", "withdrawn"),
    _case("sender", "undecided", "clinician"),
    _case("sender-signed", "called_back", "clinician"),
    Screen("case-refused", "case", "clinician", "/cases/{refused}/"),
    Screen("report", "case_report", "reviewer", "/cases/{signed}/report/"),
    Screen("report-corrected", "case_report", "reviewer", "/cases/{corrected}/report/"),
    Screen(
        "report-print",
        "case_report",
        "reviewer",
        "/cases/{corrected}/report/",
        lambda page: page.emulate_media(media="print"),
    ),
    Screen("upload", "upload", "clinician", "/cases/new/"),
    Screen("upload-cases", "upload", "clinician", "/cases/new/", _chosen),
    Screen("upload-missing", "upload", "clinician", "/cases/new/", _missing),
    Screen("sent", "sent", "clinician", "/sent/"),
    Screen("call-backs", "call_backs", "clinician", "/call-backs/"),
    Screen("call-back", "call_back", "clinician", "/call-backs/{call_back}/"),
    Screen("call-back-closed", "call_back", "clinician", "/call-backs/{call_back_closed}/"),
    Screen("critical-results", "critical_results", "clinician", "/critical-results/"),
    Screen("critical-result", "critical_result", "clinician", "/critical-results/{critical}/"),
    Screen("critical-noted", "critical_result", "clinician", "/critical-results/{critical_noted}/"),
    Screen("notices", "notices", "clinician", "/notices/"),
    Screen("macros", "macros", "reviewer", "/macros/"),
    Screen("drafts", "drafts", "reviewer", "/drafts/"),
    Screen("waits", "waits", "admin", "/sites/demo/waits/"),
    Screen("waits-preview", "waits", "admin", "/sites/demo/waits/", _typed_wait),
    Screen("reading-rules", "reading_rules", "admin", "/sites/demo/reading/"),
    Screen("call-back-rules", "call_back_rules", "admin", "/sites/demo/call-backs/"),
    Screen("critical-rules", "critical_rules", "admin", "/sites/demo/critical/"),
    Screen("points", "points", "admin", "/sites/demo/points/"),
    Screen("people", "people", "admin", "/sites/demo/people/"),
    _account("sign-in", "account_login", "login/"),
    _account("sign-in-wrong", "account_login", "login/", do=_wrong_password),
    _account("sign-up-closed", "account_signup", "signup/"),
    _account("sign-out", "account_logout", "logout/", "reviewer"),
    _account("inactive", "account_inactive", "inactive/"),
    _account("reauthenticate", "account_reauthenticate", "reauthenticate/", "reviewer"),
    _account("password-change", "account_change_password", "password/change/", "reviewer"),
    _account("password-reset", "account_reset_password", "password/reset/"),
    _account(
        "password-mailed", "account_reset_password_done", "password/reset/", do=_password_mailed
    ),
    _account(
        "password-bad-link", "account_reset_password_from_key", "password/reset/key/abc-wrong-key/"
    ),
    _account("password-set", "account_reset_password_from_key_done", "password/reset/key/done/"),
    Screen("error-404", "", "reviewer", "/nowhere/"),
    Screen("error-500", "", "", "/nowhere/"),
    Screen("error-403", "upload", "reviewer", "/cases/new/"),
)
# Taken last: who asks for so many mails is told to wait.
LAST = (Screen("error-429", "", "", "/accounts/password/reset/", _too_many_mails),)
