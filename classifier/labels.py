"""The ten fracture classes, in the order of every release's outputs."""

CLASSES: tuple[str, ...] = (
    "avulsion",
    "comminuted",
    "fracture_dislocation",
    "greenstick",
    "hairline",
    "impacted",
    "longitudinal",
    "oblique",
    "pathological",
    "spiral",
)
