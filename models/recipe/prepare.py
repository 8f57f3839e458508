"""Parallel text -> train.tsv and heldout.tsv, normalised and filtered.

in:  <data>/en-fr.tsv.xz, <data>/en-fr.more.tsv.xz where there is one (source, English, French), and
     their development sets, whose English sides are left out of everything
out: <work>/train.tsv, <work>/heldout.tsv, same three columns
"""

import argparse
import hashlib
import lzma
import re
from pathlib import Path

import paths
from text import normalise

MAX_CHARACTERS = 600
MAX_RATIO = 3.0          # longer side to shorter, in characters, above 20 characters
HELD_OUT_PER_10000 = 35  # of the distinct English sides: some 3,000 pairs
DASH = re.compile(r"(?<=\S) (?:--|-|–|—) (?=\S)|(?<=\w)--(?=\w)")
DASHES = (None, None, " – ", " — ", "—", " - ", " -- ")   # None: as it is


def rows(path: Path):
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            source, english, french = line.rstrip("\n").split("\t")
            yield source, normalise(english).strip(), normalise(french).strip()


def usable(english: str, french: str) -> bool:
    short, long = sorted((len(english), len(french)))
    return 0 < short and long <= MAX_CHARACTERS and (long <= 20 or long <= MAX_RATIO * short)


def digest(english: str) -> int:
    return int.from_bytes(hashlib.sha256(english.lower().encode()).digest()[:4], "big")


def dashed(english: str, french: str) -> tuple[str, str]:
    """English with one of the dashes that people and programs write (the other typographic variants are one
    character after normalisation, these are not); French always with the proper one."""
    form = DASHES[digest(english) // 10000 % len(DASHES)]
    return DASH.sub(form, english) if form else english, re.sub(r"(?<=\s)--(?=\s)", "—", french)


def held_out(english: str) -> bool:
    """By a hash of the English side: all its translations fall on one side of the split."""
    return digest(english) % 10000 < HELD_OUT_PER_10000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=paths.DATA)
    parser.add_argument("--work", type=Path, default=paths.WORK)
    parser.add_argument("--limit", type=int, default=0, help="pairs at most (0: all)")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)

    names = [name for name in ("en-fr", "en-fr.more") if (arguments.data / f"{name}.tsv.xz").exists()]
    development = {english.lower() for name in names for _, english, _ in rows(arguments.data / f"{name}.dev.tsv")}
    seen, counts = set(), {"train": 0, "heldout": 0, "left out": 0}
    with (
        open(arguments.work / "train.tsv", "w", encoding="utf-8", newline="\n") as train,
        open(arguments.work / "heldout.tsv", "w", encoding="utf-8", newline="\n") as heldout,
    ):
        for source, english, french in (row for name in names for row in rows(arguments.data / f"{name}.tsv.xz")):
            if arguments.limit and counts["train"] >= arguments.limit:
                break
            pair = (english, french)
            if pair in seen or not usable(*pair) or english.lower() in development:
                counts["left out"] += 1
                continue
            seen.add(pair)
            split = "heldout" if held_out(english) else "train"
            counts[split] += 1
            print(source, *dashed(english, french), sep="\t", file=heldout if split == "heldout" else train)
    print(counts)


if __name__ == "__main__":
    main()
