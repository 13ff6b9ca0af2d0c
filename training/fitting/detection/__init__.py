"""Training of the detector: on boxes, with a score of the picture that is pooled from the cells."""
