"""The colours of the heat maps, from no evidence to most."""

# Anchors of matplotlib's "inferno" (CC0): perceptually even, readable without red-green vision.
PALETTE = [
    (0, 0, 4),
    (66, 10, 104),
    (147, 38, 103),
    (221, 81, 58),
    (252, 165, 10),
    (252, 255, 164),
]
