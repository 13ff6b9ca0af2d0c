"""How a release is made: data, augmentation, fit, evaluate, export."""
