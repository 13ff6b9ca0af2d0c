"""The demonstration: radiographs that the project draws itself, and the people and cases made of them."""
