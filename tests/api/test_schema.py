"""The OpenAPI document is whole and true, and its page works under the site's own policy."""

import re
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from playwright.sync_api import sync_playwright

from classifier.call import OperatingPoints
from classifier.peaks import fracture_map_of
from classifier.preprocess import placement
from classifier.release import default_release_path, load_release
from triage.api.examples import A_PREDICTION
from triage.api.predictions import PredictionDetailSerializer
from triage.api.urls import urlpatterns
from triage.states import CaseState
from triage.vocabulary import FractureClass


@pytest.fixture(scope="module")
def schema() -> dict:
    return SchemaGenerator().get_schema(public=True)


def operations(schema):
    return {
        operation["operationId"]: operation
        for path in schema["paths"].values()
        for operation in path.values()
    }


def test_it_is_valid_and_without_a_warning():
    call_command("spectacular", validate=True, fail_on_warn=True, file="/dev/null")


def test_it_has_every_address_once(schema):
    undocumented = {"api_schema", "api_docs"}
    named = {
        "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
        for pattern in urlpatterns
        if pattern.name and pattern.name not in undocumented
    }
    assert {path.removeprefix("/api/v1") for path in schema["paths"]} == named


def test_every_error_of_every_operation_has_the_one_shape(schema):
    for name, operation in operations(schema).items():
        refusals = {code for code in operation["responses"] if code >= "400"}
        assert "401" in refusals, name
        for code in refusals:
            content = operation["responses"][code]["content"]["application/json"]
            assert content["schema"]["$ref"].endswith("/Error"), (name, code)
    body = schema["components"]["schemas"]["ErrorBody"]
    assert set(body["required"]) == {"code", "message", "fields", "files", "request_id"}


def test_every_operation_says_what_it_does(schema):
    for name, operation in operations(schema).items():
        assert operation["summary"], name
        assert operation["description"], name
        assert "One resource of the API" not in operation["description"], name


def test_sending_a_case_is_a_form_with_files(schema):
    content = operations(schema)["send_case"]["requestBody"]["content"]
    assert list(content) == ["multipart/form-data"]
    fields = schema["components"]["schemas"]["SendCaseRequest"]["properties"]
    assert fields["images"]["items"] == {"type": "string", "format": "binary"}


def test_the_words_are_those_of_the_vocabulary(schema):
    words = schema["components"]["schemas"]
    assert words["FractureClass"]["enum"] == FractureClass.values
    assert words["CaseState"]["enum"] == CaseState.values
    assert set(words["Priority"]["enum"]) == {"stat", "urgent", "routine"}


def test_what_is_sent_has_exactly_the_documented_fields(people, signed_in, case, schema):
    def check(value, name):
        component = schema["components"]["schemas"][name]
        assert set(value) == set(component["properties"]), name
        assert set(component["required"]) == set(value), name
        for field, content in value.items():
            property_ = component["properties"][field]
            several = property_.get("type") == "array"
            inner = property_["items"] if several else property_
            ref = inner.get("$ref") or next(iter(inner.get("allOf", [])), {}).get("$ref", "")
            child = ref.rpartition("/")[2]
            if child and "properties" in schema["components"]["schemas"][child]:
                for each in (content if several else [content]) if content is not None else []:
                    check(each, child)

    client = signed_in(people.reviewer)
    client.generic("POST", reverse("api_case_claim", args=[case.pk]))
    body = client.get(reverse("api_case", args=[case.pk])).json()
    check(body, "CaseDetail")
    check(client.get(reverse("api_worklist")).json(), "CasePage")
    found = client.post(reverse("api_find"), {"text": "ACC"}, content_type="application/json")
    check(found.json(), "FoundPage")
    check(client.get(reverse("api_me")).json(), "Me")
    check(client.get(reverse("api_models")).json(), "ReleaseList")
    prediction = client.get(reverse("api_prediction", args=[body["prediction"]])).json()
    check(prediction, "PredictionDetail")


def test_where_a_fracture_is_suspected_is_described(schema):
    words = schema["components"]["schemas"]
    box = words["Box"]["properties"]
    assert set(box) == {"x", "y", "width", "height", "score"} == set(words["Box"]["required"])
    for field in box.values():
        assert (field["minimum"], field["maximum"]) == (0, 1)
        assert field["description"]
    for name in ("Prediction", "PredictionDetail"):
        boxes = words[name]["properties"]["boxes"]
        assert boxes["nullable"]
        assert boxes["items"] == {"$ref": "#/components/schemas/Box"}
        for word in ("Empty:", "Null:"):
            assert word in boxes["description"]


def test_the_example_of_a_prediction_is_one(schema):
    serializer = PredictionDetailSerializer(data=A_PREDICTION.value)
    fields = set(schema["components"]["schemas"]["PredictionDetail"]["properties"])
    assert set(A_PREDICTION.value) == fields
    for name in ("boxes", "focus", "probabilities", "fracture_map"):
        serializer.fields[name].run_validation(A_PREDICTION.value[name])
    example = A_PREDICTION.value
    shipped = load_release(default_release_path())
    points = OperatingPoints(*list(example["operating_points"].values())[:2])
    assert points == shipped.call.points
    assert shipped.call.call(example["fracture_probability"]) == example["call"]
    assert example["release"]["name"] == shipped.name


def test_it_says_which_part_of_the_image_a_map_covers(schema):
    words = schema["components"]["schemas"]["PredictionDetail"]["properties"]
    for name, cells in (("activation_map", 32), ("fracture_map", 56)):
        assert "whole image" in words[name]["description"]
        assert f"{cells} cells" in words[name]["description"]
    example = np.zeros((56, 56), np.float32)
    rule = load_release(default_release_path()).detector.boxes
    shape = fracture_map_of(example, placement(1024, 819, 448), 448, rule).shape
    assert "{} rows of {}".format(*shape) in words["fracture_map"]["description"]
    content = operations(schema)["prediction"]["responses"]["200"]["content"]["application/json"]
    assert content["examples"]


def test_it_is_public_and_needs_no_database():
    assert b"openapi: 3" in Client().get("/api/v1/schema/").content
    page = Client().get("/api/v1/docs/", headers={"Authorization": "Token expired"})
    assert page.status_code == 200
    html = page.content.decode()
    assert "<style" not in html
    assert "style=" not in html


@pytest.fixture
def server() -> Iterator[str]:
    """The site over real HTTP, on a free port of the loopback."""
    with ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler) as server:
        server.set_app(get_wsgi_application())
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.e2e
def test_the_page_renders_every_operation_under_the_sites_policy(server, schema):
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        answer = page.goto(f"{server}/api/v1/docs/")
        page.wait_for_selector(".opblock")
        page.click("#operations-cases-send_case")
        page.wait_for_selector("#operations-cases-send_case .opblock-section-request-body")
        shown = page.locator(".opblock").count()
        policy = answer.headers["content-security-policy"]
        browser.close()
    assert "unsafe" not in policy
    assert shown == len(operations(schema))
    assert said == []
