"""The model card, written from a release's manifest."""
