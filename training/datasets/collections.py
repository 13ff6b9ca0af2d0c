"""The names of the three collections that a detector learns from; they are folders of the data folder."""

FRACATLAS, BOXES, MULTI_REGION = COLLECTIONS = ("fracatlas", "boxes", "multi-region")
