"""Looks that no decoder of ours says."""

# Of a display by one window.
LOOK = {
    "levels": [1.0, 0.0],
    "function": "LINEAR",
    "range": None,
    "covered": False,
    "tables": [None],
}
OTHER_LOOKS = [
    7,
    {},
    {**LOOK, "more": 1},
    {**LOOK, "levels": [0.0, 1.0]},
    {**LOOK, "levels": [float("nan"), 1.0]},
    {**LOOK, "levels": [1.0, float("inf")]},
    {**LOOK, "levels": [1.0]},
    {**LOOK, "levels": "10"},
    {**LOOK, "function": "magic"},
    {**LOOK, "function": ["LINEAR"]},
    {**LOOK, "range": [0.0, 1.0]},  # and yet a curve
    {**LOOK, "covered": 1},
    {**LOOK, "tables": None},
    {**LOOK, "tables": []},
    {**LOOK, "tables": [[0, 0, 1]]},
    {**LOOK, "tables": [[1, 0]]},
    {**LOOK, "tables": [[0, 0, 2**16, 1]]},
    {**LOOK, "tables": [[0, 256]]},
    {**LOOK, "tables": [[0, -1]]},
    {**LOOK, "tables": [[0, 0, 5, 1, 5, 2]]},
    {**LOOK, "tables": [[0, 0.5]]},
    {**LOOK, "tables": [[number for code in range(500) for number in (code, 1)]]},
]
