"""How the networks and heads of every split are fitted, and resumed when killed."""
