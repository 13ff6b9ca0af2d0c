"""Everything that is learnt from or measured on: folders, manifests, annotations and drawn pictures."""
