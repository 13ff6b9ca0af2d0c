"""An opinion leaves: what is made of signed reviews for the world outside."""
