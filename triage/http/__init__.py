"""What pages and REST share about requests and answers."""
