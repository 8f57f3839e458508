"""Packed batches from tokens.npz: whole sentences laid end to end up to a fixed number of tokens.

Constant shapes, no padding between sentences, no sorting by length.  The order
is a function of seed and epoch alone: a position (epoch, index) resumes it.
"""

from pathlib import Path

import numpy as np
import torch

END = 0
TEMPERATURE, MOST = 0.7, 3.0   # a source of n pairs is repeated (largest / n)^(1 - temperature), at most MOST times
LONGEST = 128                  # tokens of a side
JOINED, BY_LINE = 0.15, 0.25   # share of pairs that go on the one before, and of these after a line's end (else a space)


class Tokens:
    def __init__(self, path: Path):
        with np.load(path) as file:
            self.flat = {k: file[k] for k in file.files}
        self.source, self.sources, self.newline = self.flat["source"], list(self.flat["sources"]), self.flat["newline"]
        fits = (np.diff(self.flat["en_at"]) < LONGEST) & (np.diff(self.flat["fr_at"]) < LONGEST)
        self.pairs = np.flatnonzero(fits)

    def text(self, name: str, i: int) -> np.ndarray:
        """Tokens of pair i: name is en or fr, then_en or then_fr."""
        at = self.flat[name + "_at"]
        return self.flat[name][at[i]:at[i + 1]]

    def order(self, seed: int, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of one epoch, repeated by source, shuffled; and of each how it begins.

        0: by itself; 1: on a new line of the one before; 2: after a space: so that a model of
        sentences translates paragraphs too.
        """
        random = np.random.default_rng([seed, epoch])
        source = self.source[self.pairs]
        count = np.bincount(source, minlength=len(self.sources))
        repeat = np.minimum((count.max() / np.maximum(count, 1)) ** (1 - TEMPERATURE), MOST)[source]
        pairs = random.permutation(np.repeat(self.pairs, (repeat + random.random(len(repeat))).astype(int)))
        chance = random.random(len(pairs))
        return pairs, np.where(chance < JOINED * BY_LINE, 1, np.where(chance < JOINED, 2, 0))

    def unit(self, pairs: np.ndarray, begins: np.ndarray, index: int):
        """What is translated at once from index on: English, French, the index after it, and its
        parts: (pair, where it begins in English, in French)."""
        english, french, parts = self.text("en", pairs[index]), self.text("fr", pairs[index]), [(pairs[index], 0, 0)]
        index += 1
        while index < len(pairs) and begins[index]:
            prefix = "" if begins[index] == 1 else "then_"
            e, f = self.text(prefix + "en", pairs[index]), self.text(prefix + "fr", pairs[index])
            if max(len(english) + len(e), len(french) + len(f)) > LONGEST:
                break
            line = [] if prefix else [[self.newline]]
            if all(len(t) == len(self.text(side, pairs[index])) for t, side in ((e, "en"), (f, "fr"))):
                parts.append((pairs[index], len(english) + len(line), len(french) + len(line)))   # else its links do not fit
            english, french = np.concatenate([english, *line, e]), np.concatenate([french, *line, f])
            index += 1
        return english, french, index, parts


class Links:
    """Alignments: for pair i, links[at[i]:at[i+1]] of (English token, French token), uint8 [links, 2]."""

    def __init__(self, path: Path):
        with np.load(path) as file:
            self.link, self.at = file["link"], file["at"]

    def of(self, parts: list) -> np.ndarray:
        """Links of a unit's parts, in its positions."""
        return np.concatenate([self.link[self.at[i]:self.at[i + 1]] + np.array([e, f], np.int32) for i, e, f in parts])


def pack(english: list, french: list, pad: int, room: tuple[int, int], links: list | None = None) -> dict:
    """Tensors of one batch.  Decoder input: pad, w1 .. wn; targets: w1 .. wn, </s>.

    en, at_en; fr, at_fr; target int32, -1 filler; first, key (see ops.Guide): French word w_t
    is the decoder's input at row t + 1, and that row is the one guided.
    """
    en, fr, target = np.full(room[0], END), np.full(room[1], END), np.full(room[1], -1, np.int32)
    at_en, at_fr = np.zeros(len(english) + 1, np.int32), np.zeros(len(french) + 1, np.int32)
    per_row, keys = np.zeros(room[1] + 1, np.int32), []
    for i, (e, f) in enumerate(zip(english, french)):
        a, b = at_en[i], at_fr[i]
        en[a:a + len(e)], en[a + len(e)] = e, END
        fr[b], fr[b + 1:b + 1 + len(f)] = pad, f
        target[b:b + len(f)], target[b + len(f)] = f, END
        at_en[i + 1], at_fr[i + 1] = a + len(e) + 1, b + len(f) + 1
        if links is not None:
            by_row = links[i][np.argsort(links[i][:, 1], kind="stable")]
            np.add.at(per_row, b + 2 + by_row[:, 1].astype(int), 1)
            keys.append(by_row[:, 0])
    batch = dict(en=torch.from_numpy(en), at_en=torch.from_numpy(at_en),
                 fr=torch.from_numpy(fr), at_fr=torch.from_numpy(at_fr), target=torch.from_numpy(target))
    if links is not None:
        batch["first"] = torch.from_numpy(np.cumsum(per_row, dtype=np.int32))
        batch["key"] = torch.from_numpy(np.concatenate(keys).astype(np.int32))
    return batch


def batches(tokens: Tokens, pad: int, room: tuple[int, int], seed: int, epoch: int = 0, index: int = 0,
            links: Links | None = None):
    """Endless (batch, epoch, index): index is where the next batch begins in the epoch's order."""
    while True:
        pairs, begins = tokens.order(seed, epoch)
        while index < len(pairs):
            english, french, link, left = [], [], [], list(room)
            while index < len(pairs):
                e, f, after, parts = tokens.unit(pairs, begins, index)
                if len(e) + 1 > left[0] or len(f) + 1 > left[1]:
                    break
                english.append(e), french.append(f)
                if links is not None:
                    link.append(links.of(parts))
                left[0] -= len(e) + 1
                left[1] -= len(f) + 1
                index = after
            yield pack(english, french, pad, room, link if links is not None else None), epoch, index
        epoch, index = epoch + 1, 0
