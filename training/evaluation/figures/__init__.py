"""The figures of each head, each with its interval."""
