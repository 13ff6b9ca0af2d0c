"""All data that a run is trained or measured on: folders, manifests, annotations and drawn pictures."""
