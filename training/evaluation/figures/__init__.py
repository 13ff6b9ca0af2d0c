"""The figures of each head of a classifier, each with its interval."""
