"""What a folder of pictures holds: twins, leaks, contradictions, what is unreadable or drawn on."""
