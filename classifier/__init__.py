"""What a model is, and how a picture is read and classified. A leaf: imports nothing of ours."""
