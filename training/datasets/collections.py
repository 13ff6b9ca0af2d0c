"""The names of the three collections that a detector learns from: subfolders of the data folder."""

FRACATLAS, BOXES, MULTI_REGION = COLLECTIONS = ("fracatlas", "boxes", "multi-region")
