"""Word alignments of the training pairs, for guided attention, by an aligner trained on those very pairs.

eflomal (Ostling & Tiedemann 2016: IBM-1, HMM and fertility by Gibbs sampling) in both directions over
the tokenizer's words in lower case; the two directions are joined by grow-diag; a link of two
words becomes links of all their tokens.

in:  <work>/train.tsv, <work>/tokenizer.json; with --epochs or --first <work>/tokens.npz
out: <work>/links.npz: link uint8 [links, 2] (English token, French token), at int64 [pairs + 1]; a pair that was
     not aligned has none
"""

import argparse
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

import data
import paths
from tokenizer import read

AROUND = [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)]


def words(tokenizer: Tokenizer, texts: list[str]):
    """For each text: its words in lower case, and of each token the word it belongs to."""
    for text, encoded in zip(texts, tokenizer.encode_batch(texts, add_special_tokens=False)):
        word_of = encoded.word_ids
        ends = {}
        for word, (start, end) in zip(word_of, encoded.offsets):
            ends[word] = (min(start, ends.get(word, (start, end))[0]), end)
        yield [text[s:e].strip().lower().replace(" ", "") or "_" for s, e in ends.values()], word_of


def grow_diag(forward: set, backward: set) -> set:
    """Both directions' common links, and those of either that touch them and serve an unlinked word."""
    union, links = forward | backward, forward & backward
    left, right = {a for a, _ in links}, {b for _, b in links}
    front = list(links)
    while front:
        added = []
        for a, b in front:
            for x, y in AROUND:
                link = (a + x, b + y)
                if link in union and link not in links and (link[0] not in left or link[1] not in right):
                    links.add(link)
                    left.add(link[0])
                    right.add(link[1])
                    added.append(link)
        front = added
    return links


def pairs(line: str) -> set:
    return {tuple(map(int, link.split("-"))) for link in line.split()}


def main() -> None:
    import eflomal
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=paths.WORK)
    parser.add_argument("--samplers", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=0, help="only what the first epochs draw (0: all pairs)")
    parser.add_argument("--first", type=int, default=0, help="only so many pairs, the first that an end phase draws")
    parser.add_argument("--seed", type=int, default=1, help="of the training, with --epochs or --first")
    a = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(a.work / "tokenizer.json"))
    rows = read(a.work / "train.tsv")
    total, chosen = len(rows), np.arange(len(rows))
    if a.epochs or a.first:
        drawn = data.Tokens(a.work / "tokens.npz")
        chosen = np.unique(drawn.order(a.seed, 0, True)[0][:a.first] if a.first else np.concatenate(
            [drawn.order(a.seed, e + end, bool(end))[0] for e in range(a.epochs) for end in (0, 1)]))
        rows = [rows[i] for i in chosen]
    sides = []
    for column, name in ((1, "en"), (2, "fr")):
        word_of = []
        with open(a.work / f"words.{name}", "w", encoding="utf-8", newline="\n") as file:
            for line, tokens in words(tokenizer, [row[column] for row in rows]):
                print(" ".join(line), file=file)
                word_of.append(np.asarray(tokens, np.uint8 if len(tokens) < 256 else np.uint16))
        sides.append(word_of)
    # Named by what was aligned, so that the links of another choice of pairs are never taken for these.
    forward, backward = (a.work / f"links.{way}.{len(rows)}" for way in ("forward", "backward"))
    if not backward.exists():
        with open(a.work / "words.en", encoding="utf-8") as en, open(a.work / "words.fr", encoding="utf-8") as fr:
            eflomal.Aligner(n_samplers=a.samplers).align(en, fr, links_filename_fwd=str(forward) + ".part",
                                                         links_filename_rev=str(backward) + ".part")
        for path in (forward, backward):
            path.with_name(path.name + ".part").rename(path)
    out, counts = [], np.zeros(total, np.int64)
    with open(forward) as f, open(backward) as b:
        for pair, english, french, one, other in zip(chosen, *sides, f, b):
            linked = grow_diag(pairs(one), pairs(other))
            matrix = np.zeros((int(english.max()) + 1, int(french.max()) + 1), bool)
            if linked:
                matrix[tuple(np.array(sorted(linked)).T)] = True
            tokens = np.argwhere(matrix[english][:, french])
            tokens = tokens[(tokens < 256).all(1)].astype(np.uint8)
            out.append(tokens)
            counts[pair] = len(tokens)
    np.savez(a.work / "links.npz", link=np.concatenate(out), at=np.concatenate([[0], np.cumsum(counts)]))
    print(f"{counts.sum()} links of tokens in {len(rows)} of {total} pairs")


if __name__ == "__main__":
    main()
