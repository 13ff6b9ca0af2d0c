"""Claims, signed reviews and corrections."""
