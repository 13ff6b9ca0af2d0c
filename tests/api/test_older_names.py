"""REST v1 keeps the field names that it had; a field with a better name stands beside each."""

from django.urls import reverse


def test_a_field_of_either_name_has_the_same_value(people, signed_in, case):
    client = signed_in(people.service)
    body = client.get(reverse("api_case", args=[case.pk])).json()
    assert body["refused_images"] == body["not_assessable_images"] == 0
    image = client.get(reverse("api_image", args=[case.first_image.pk])).json()
    assert image["kind"] == image["file_format"] == "png"
    (prediction,) = image["predictions"]
    assert prediction["top_class"] == prediction["predicted_class"] == "oblique"


def test_the_schema_describes_the_older_name_by_the_newer(client):
    schemas = client.get(reverse("api_schema"), {"format": "json"}).json()["components"]["schemas"]
    for schema, older, newer in (
        ("Case", "refused_images", "not_assessable_images"),
        ("Image", "kind", "file_format"),
        ("Prediction", "top_class", "predicted_class"),
    ):
        assert f"`{newer}`" in schemas[schema]["properties"][older]["description"]
        assert newer in schemas[schema]["required"]
