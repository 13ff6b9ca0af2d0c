"""Which decoder made the pictures that lie beside an original."""

# Part of the names of derived files. Count it up when the decoder makes other pictures of the same bytes:
# what an older one made stays, since rows name it.
DECODER_VERSION = 2
