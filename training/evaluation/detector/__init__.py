"""What a detector found on held-out pictures: from ``fit``'s maps to scores and to the card."""
