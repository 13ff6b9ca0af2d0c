"""The life of a case, from the file that arrives to the opinion that leaves."""
