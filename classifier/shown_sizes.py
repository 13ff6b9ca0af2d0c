"""The sizes of the pictures that are made to be looked at, in pixels of the longer side. Both are choices."""

DISPLAY_SIDE = 1600  # fills a common screen without enlargement, in a JPEG below 3 MB
THUMBNAIL_SIDE = 192  # more than three device pixels for each of the 44 to 52 CSS pixels of a list
