"""Normalisation of text: the same at training and at inference.

Straight quotes, `...`, no no-break or zero-width spaces; French keeps a plain
space before `: ; ! ?` and inside « ».  Every rule maps one character to a
short string, so that positions in the original can be kept by the caller.
"""

CHARACTERS = {
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u02bc": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"',
    "\u2026": "...",
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\u2002": " ", "\u2003": " ",
    "\u200b": "", "\u200c": "", "\u200d": "", "\ufeff": "", "\u00ad": "",
    "\u2010": "-", "\u2011": "-",
}
_TABLE = str.maketrans(CHARACTERS)


def normalise(text: str) -> str:
    """Map the characters of CHARACTERS; everything else is left as it is."""
    return text.translate(_TABLE)
