"""Packed batches from tokens.npz: whole sentences and paragraphs laid end to end up to a number of tokens.

No padding between sentences, no sorting by length.  Pairs are drawn by groups (groups.py), each group's in a
random order that begins again, in another, when all were seen.  The order is a function of seed, epoch and
phase alone: a position (epoch, index) resumes it.
"""

from pathlib import Path

import numpy as np
import torch

from groups import group_of, shares

END = 0
EPOCH = 200_000                # pairs drawn
SINGLE, LONGEST = 128, 256     # tokens of a side: of a pair, of a paragraph
PARAGRAPH, SENTENCES = 0.05, (2, 12)   # share of units that are paragraphs, and how many pairs of one group these join
BY_LINE = 0.25                 # of joined pairs: after a line's end (else a space)
HIDING, HIDDEN = 0.5, 0.2      # share of sentences with masked tokens, and of their tokens
LONGEST_SPAN = 3               # tokens in a row that the decoder does not see
MASK, OTHER = 0.8, 0.1         # of masked tokens: share replaced by the mask, by any token (the rest stay)


class Tokens:
    def __init__(self, path: Path):
        with np.load(path) as file:
            self.flat = {k: file[k] for k in file.files}
        self.source, self.sources, self.newline = self.flat["source"], list(self.flat["sources"]), self.flat["newline"]
        fits = (np.diff(self.flat["en_at"]) < SINGLE) & (np.diff(self.flat["fr_at"]) < SINGLE)
        group = np.array([group_of(str(name)) for name in self.sources])[self.source]
        self.groups = {name: np.flatnonzero(fits & (group == name)) for name in shares(end=False)}

    def text(self, name: str, i: int) -> np.ndarray:
        """Tokens of pair i: name is en or fr, then_en or then_fr."""
        at = self.flat[name + "_at"]
        return self.flat[name][at[i]:at[i + 1]]

    def drawn(self, name: str, seed: int, start: int, count: int) -> np.ndarray:
        """`count` pairs from place `start` on of a group's endless order."""
        pairs, parts = self.groups[name], []
        while count and len(pairs):
            round_, place = divmod(start, len(pairs))
            number = list(self.groups).index(name)
            part = np.random.default_rng([seed, number, round_]).permutation(pairs)[place:place + count]
            parts.append(part)
            start, count = start + len(part), count - len(part)
        return np.concatenate(parts) if parts else pairs[:0]

    def order(self, seed: int, epoch: int, end: bool = False, epoch_pairs: int = EPOCH) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of one epoch, shuffled, and of each how it begins.

        0: by itself; 1: on a new line of the one before; 2: after a space: so that a model of
        sentences translates paragraphs too.
        """
        random = np.random.default_rng([seed, epoch, end])
        units = []
        for name, share in shares(end).items():
            count = round(epoch_pairs * share)
            pairs = self.drawn(name, seed, epoch * count, count)
            paragraph = random.random(len(pairs)) < PARAGRAPH
            lengths = np.where(paragraph, random.integers(SENTENCES[0], SENTENCES[1] + 1, len(pairs)), 1)
            units += np.split(pairs, np.cumsum(lengths)[:-1]) if len(pairs) else []
        units = [unit for unit in units if len(unit)]
        units = [units[i] for i in random.permutation(len(units))]
        pairs = np.concatenate(units)
        begins = np.where(random.random(len(pairs)) < BY_LINE, 1, 2)
        begins[np.cumsum([0] + [len(unit) for unit in units[:-1]])] = 0
        return pairs, begins

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


def pack(english: list, french: list, pad: int, links: list | None = None) -> dict:
    """Tensors of one batch.  Decoder input: pad, w1 .. wn; targets: w1 .. wn, </s>.

    en, at_en; fr, at_fr; target int32; first, key (see ops.Guide): French word w_t
    is the decoder's input at row t + 1, and that row is the one guided.
    """
    room = sum(map(len, english)) + len(english), sum(map(len, french)) + len(french)
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
            links: Links | None = None, end: bool = False):
    """Endless (batch, epoch, index): index is where the next batch begins in the epoch's order."""
    while True:
        pairs, begins = tokens.order(seed, epoch, end)
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
            yield pack(english, french, pad, link if links is not None else None), epoch, index
        epoch, index = epoch + 1, 0


def hide(batch: dict, mask: int, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Masks English tokens of some sentences in the batch itself.  Which tokens, and what they were (int32)."""
    en, at = batch["en"].numpy(), batch["at_en"].numpy()
    hiding = np.repeat(random.random(len(at) - 1) < HIDING, np.diff(at))
    places = np.flatnonzero(hiding & (random.random(len(en)) < HIDDEN) & (en != END))
    was, kind = en[places].copy(), random.random(len(places))
    other = random.integers(2, mask, len(places))
    en[places] = np.where(kind < MASK, mask, np.where(kind < MASK + OTHER, other, was))
    return torch.from_numpy(places), torch.from_numpy(was.astype(np.int32))


def blank(batch: dict, mask: int, share: float, words: float, random: np.random.Generator) -> None:
    """Word dropout (Bowman et al. 2016): in a share of the sentences the decoder's input lacks this share of its words, in the
    batch itself, so that what comes next has to be found in the source."""
    fr, at = batch["fr"].numpy(), batch["at_fr"].numpy()
    here = np.repeat(random.random(len(at) - 1) < share, np.diff(at)) & (random.random(int(at[-1])) < words)
    here[at[:-1]] = False        # where a sentence begins
    fr[:len(here)][here] = mask


def unseen(at: torch.Tensor, share: float, spans: float, random: np.random.Generator) -> torch.Tensor:
    """[tokens, 1]: 0 for tokens whose encoder states the decoder does not get to see, else 1: in a share of the
    sentences, spans that begin at a share `spans` of the tokens.  What these say has to be told by their neighbours'
    states, which attention alone can do."""
    at = at.numpy()
    lengths = np.diff(at)
    gone = np.zeros(int(at[-1]), bool)
    starts = np.flatnonzero((random.random(len(gone)) < spans) & np.repeat(random.random(len(lengths)) < share, lengths))
    for more, size in zip(range(LONGEST_SPAN), (1.0, 2 / 3, 1 / 3)):
        here = starts[random.random(len(starts)) < size] if more else starts
        gone[np.minimum(here + more, len(gone) - 1)] = True
    gone[at[1:] - 1] = False      # </s> is always seen
    return torch.from_numpy(1 - gone.astype(np.float32)[:, None])


def kept(at: torch.Tensor, resting: float, random: np.random.Generator) -> torch.Tensor:
    """[tokens, 1]: 0 in this share of the sentences, else 1."""
    lengths = np.diff(at.numpy())
    return torch.from_numpy(np.repeat(random.random(len(lengths)) >= resting, lengths).astype(np.float32)[:, None])
