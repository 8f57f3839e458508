"""Normalisation of text: the same at training and at inference, told once, here.

Straight quotes, `...`, no no-break or zero-width spaces, no ligatures or full-width forms, composed
accents; French keeps a plain space before `: ; ! ?` and inside « ».  Dashes (– and —) stay: the model knows them.

`normalise` is what the recipe does; `normalizer` is the same as tokenizer.json says it, so that whoever
reads the file, with positions in the original kept, does it too.  Standard library only.

    python text.py ../en-fr/tokenizer.json     writes the normalizer into that file
    python text.py < texts.json                 list of texts -> their normalised forms, and the normalizer
"""

import json
import sys
import unicodedata
from pathlib import Path

# Replacement, and the characters that it stands for.
GROUPS = {
    "'": "\u2018\u2019\u201a\u201b\u02bc",
    '"': "\u201c\u201d\u201e\u201f",
    "-": "\u2010\u2011\u2012\u2212",
    " ": "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "": "\u00ad\u200b\u200c\u200d\u2060\ufeff",
    "...": "\u2026", "..": "\u2025",
    "ff": "\ufb00", "fi": "\ufb01", "fl": "\ufb02", "ffi": "\ufb03", "ffl": "\ufb04", "st": "\ufb05\ufb06",
    **{chr(wide - 0xfee0): chr(wide) for wide in range(0xff01, 0xff5f) if chr(wide - 0xfee0) not in "'\"-"},
}
GROUPS["'"] += "\uff07"
GROUPS['"'] += "\uff02"
GROUPS["-"] += "\uff0d"
_TABLE = str.maketrans({c: to for to, characters in GROUPS.items() for c in characters})


def normalise(text: str) -> str:
    """Replace the characters of GROUPS, then compose accents (NFC): a soft hyphen may stand before an accent."""
    return unicodedata.normalize("NFC", text.translate(_TABLE))


def normalizer() -> dict:
    """The same for tokenizer.json, in the form of Hugging Face's tokenizers."""
    def pattern(characters: str) -> dict:
        return {"String": characters} if len(characters) == 1 else {"Regex": f"[{characters}]"}
    steps = [{"type": "Replace", "pattern": pattern(c), "content": to} for to, c in GROUPS.items()]
    return {"type": "Sequence", "normalizers": [*steps, {"type": "NFC"}]}


def main() -> None:
    if not sys.argv[1:]:
        print(json.dumps(dict(normalised=[normalise(text) for text in json.load(sys.stdin)], normalizer=normalizer())))
    for path in map(Path, sys.argv[1:]):
        content = json.loads(path.read_text(encoding="utf-8"))
        content["normalizer"] = normalizer()
        path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    main()
