"""Short names of cases that a person can say: "gutih-tugad" for the end of an id.

Proquints (Wilkerson 2009, arXiv:0901.4016): 16 bits are a word of five letters, consonant and vowel in turn.
"""

_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aiou"
_LETTERS = (_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS)
_BITS = (4, 2, 4, 2, 4)


def short_name(short_id: str) -> str:
    """``short_id``: eight hexadecimal digits. "7f000001" → "lusab-babad"."""
    return "-".join(_word(int(short_id[start : start + 4], 16)) for start in (0, 4))


def short_id_of(name: str) -> str | None:
    """The short id of a short name, with or without its hyphen; None if the text is none."""
    letters = name.strip().lower().replace("-", "").replace(" ", "")
    if len(letters) != 2 * len(_LETTERS):
        return None
    words = (_number(letters[:5]), _number(letters[5:]))
    return None if None in words else "".join(f"{word:04x}" for word in words)


def _word(number: int) -> str:
    letters = ""
    for alphabet, bits in zip(reversed(_LETTERS), reversed(_BITS), strict=True):
        letters = alphabet[number & ((1 << bits) - 1)] + letters
        number >>= bits
    return letters


def _number(word: str) -> int | None:
    number = 0
    for letter, alphabet, bits in zip(word, _LETTERS, _BITS, strict=True):
        if letter not in alphabet:
            return None
        number = number << bits | alphabet.index(letter)
    return number
