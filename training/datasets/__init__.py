"""What is learnt from and measured on: folders, manifests, annotations and drawn pictures."""
