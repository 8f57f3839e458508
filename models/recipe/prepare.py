"""Parallel text -> train.tsv and heldout.tsv, normalised and filtered.

in:  <data>/en-fr.tsv.xz (source, English, French), <data>/en-fr.dev.tsv
out: <work>/train.tsv, <work>/heldout.tsv, same three columns
"""

import argparse
import hashlib
import lzma
from pathlib import Path

import paths
from text import normalise

MAX_CHARACTERS = 600
MAX_RATIO = 3.0          # longer side to shorter, in characters, above 20 characters
HELD_OUT_PER_10000 = 35  # of the distinct English sides: some 2,000 pairs


def rows(path: Path):
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            source, english, french = line.rstrip("\n").split("\t")
            yield source, normalise(english).strip(), normalise(french).strip()


def usable(english: str, french: str) -> bool:
    short, long = sorted((len(english), len(french)))
    return 0 < short and long <= MAX_CHARACTERS and (long <= 20 or long <= MAX_RATIO * short)


def held_out(english: str) -> bool:
    """By a hash of the English side: all its translations fall on one side of the split."""
    digest = hashlib.sha256(english.lower().encode()).digest()
    return int.from_bytes(digest[:4], "big") % 10000 < HELD_OUT_PER_10000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=paths.DATA)
    parser.add_argument("--work", type=Path, default=paths.WORK)
    parser.add_argument("--limit", type=int, default=0, help="pairs at most (0: all)")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)

    development = {english.lower() for _, english, _ in rows(arguments.data / "en-fr.dev.tsv")}
    seen, counts = set(), {"train": 0, "heldout": 0, "left out": 0}
    with (
        open(arguments.work / "train.tsv", "w", encoding="utf-8", newline="\n") as train,
        open(arguments.work / "heldout.tsv", "w", encoding="utf-8", newline="\n") as heldout,
    ):
        for source, english, french in rows(arguments.data / "en-fr.tsv.xz"):
            if arguments.limit and counts["train"] >= arguments.limit:
                break
            pair = (english, french)
            if pair in seen or not usable(*pair) or english.lower() in development:
                counts["left out"] += 1
                continue
            seen.add(pair)
            split = "heldout" if held_out(english) else "train"
            counts[split] += 1
            print(source, english, french, sep="\t", file=heldout if split == "heldout" else train)
    print(counts)


if __name__ == "__main__":
    main()
