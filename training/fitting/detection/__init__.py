"""The detector: where a fracture is, learnt from boxes; whether there is one, pooled from its cells."""
