"""What a request says of the way it came, which anybody can write."""

import pytest


@pytest.mark.parametrize("name", ["SCRIPT_NAME", "Script_Name", "SCRIPT-NAME", "PATH_INFO"])
def test_no_header_moves_the_site_to_another_path(server, name):
    """Links in mails would lead there."""
    moved = server.request("/other/accounts/login/", b"", f"{name}: /other", method="GET")
    assert moved.status == 404
    plain = server.request("/accounts/login/", b"", f"{name}: /accounts", method="GET")
    assert plain.status == 200
    assert b'action="/accounts/login/"' in plain.body
