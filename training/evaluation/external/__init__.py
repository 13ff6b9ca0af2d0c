"""How a finished release does on pictures of other hospitals, and whether its call may then be used."""
