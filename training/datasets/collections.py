"""The names of the three collections that a detector is trained on: subfolders of the data folder."""

FRACATLAS, BOXES, MULTI_REGION = COLLECTIONS = ("fracatlas", "boxes", "multi-region")
