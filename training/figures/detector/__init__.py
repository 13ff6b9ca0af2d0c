"""A detector's figures: the call, the places it names, and how both hold elsewhere and after changes."""
