"""What the decoder makes for the release that will read a picture."""

from typing import Any

from triage.inference.releases import active_squares


def decode_options() -> dict[str, Any]:
    """The options of ``Sandbox.decode``: the network input of the active release is made in the same pass.

    Another release may be active when the picture is read. Its worker then makes its own of the rendition.
    """
    squares = active_squares()
    return {"network_input": squares.as_json()} if squares else {}
