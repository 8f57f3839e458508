"""Padded batches on a GPU, cut from pools: some 200,000 pairs of the mixture, ordered by length.

A pool is arrays only, made by another process while the last one is used; a batch is gathered from it on the
device, so that nothing is copied or waited for while the network trains.
"""

import multiprocessing
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

import data

NONE = 255      # a French token without a link
ROUND = 4       # lengths of batches are multiples of it


def gather(source: np.ndarray, start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """source[start:start + length] of each, end to end."""
    at = offsets(length)
    return source[np.repeat(start - at[:-1], length) + np.arange(at[-1])]


def offsets(length: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(length)])


class Source:
    """Texts that pieces of units are taken from: tokens end to end, of each pair where it begins and how long it is."""

    def __init__(self, *parts: tuple[np.ndarray, np.ndarray]):
        """Each part: (tokens, where each pair's begin [pairs + 1])."""
        self.tokens = np.concatenate([tokens for tokens, _ in parts])
        bases = offsets(np.array([len(tokens) for tokens, _ in parts]))
        self.start = np.stack([at[:-1] + base for (_, at), base in zip(parts, bases)])
        self.length = np.stack([np.diff(at) for _, at in parts])


@dataclass
class Distilled:
    """A teacher's translations: fr uint16 [tokens], at int64 [pairs + 1], good bool [pairs]."""

    fr: np.ndarray
    at: np.ndarray
    good: np.ndarray


class Maker:
    def __init__(self, tokens: data.Tokens, links: tuple[np.ndarray, np.ndarray] | None, room: int, seed: int = 1,
                 pairs: int = data.EPOCH):
        """links: of each French token one or two English positions of its pair, uint8, NONE where there is none.

        room: tokens of one side of a batch, padding included.  pairs: of a pool.
        """
        self.tokens, self.links, self.room, self.seed, self.pairs, self.distilled = tokens, links, room, seed, pairs, None
        flat = tokens.flat
        newline = (np.array([tokens.newline], flat["en"].dtype), np.zeros(len(tokens.source) + 1, np.int64))
        self.en = Source((flat["en"], flat["en_at"]), (flat["then_en"], flat["then_en_at"]), newline)
        self.fr_parts = [(flat["fr"], flat["fr_at"]), (flat["then_fr"], flat["then_fr_at"]), newline]
        self.fr = Source(*self.fr_parts)

    def use(self, distilled: Distilled) -> None:
        """From now on pools have the teacher's translations in a share of the units."""
        self.distilled = distilled
        self.fr = Source(*self.fr_parts, (distilled.fr, distilled.at))

    def pool(self, number: int, end: bool, real: float = 1.0) -> dict[str, np.ndarray]:
        """The arrays of pool `number`.  real: share of pairs with their own French side, not the teacher's."""
        random = np.random.default_rng([self.seed, 11, number, end])
        pairs, begins = self.tokens.order(self.seed, number, end, self.pairs)
        begins = begins.copy()
        taught = np.zeros(len(pairs), bool)
        if self.distilled is not None:
            taught = (random.random(len(pairs)) >= real) & self.distilled.good[pairs] & (begins != 2)
        en_kind, fr_kind = (begins == 2).astype(int), np.where(taught, 3, (begins == 2).astype(int))
        en_length, fr_length = self.en.length[en_kind, pairs], self.fr.length[fr_kind, pairs]
        for i in np.flatnonzero(begins):        # a paragraph that grows too long ends, and another begins
            if begins[i - 1] == 0:
                e, f = en_length[i - 1], fr_length[i - 1]
            e, f = e + en_length[i] + 1, f + fr_length[i] + 1
            if max(e, f) > data.LONGEST - 1:
                if begins[i] == 2:              # by itself it has no space before it
                    en_kind[i] = fr_kind[i] = 0
                    en_length[i], fr_length[i] = self.en.length[0, pairs[i]], self.fr.length[0, pairs[i]]
                begins[i], e, f = 0, en_length[i], fr_length[i]
        first = np.flatnonzero(begins == 0)
        alone = np.diff(np.append(first, len(pairs))) == 1
        out, lengths = {}, {}
        for name, source, kind in (("en", self.en, en_kind), ("fr", self.fr, fr_kind)):
            newline = np.full(len(pairs), source.start[2, 0])       # one token, or none of it
            start = np.stack([newline, source.start[kind, pairs]], 1).reshape(-1)
            length = np.stack([(begins == 1).astype(np.int64), source.length[kind, pairs]], 1).reshape(-1)
            out[name] = gather(source.tokens, start, length).astype(np.int16)
            lengths[name] = np.add.reduceat(length, 2 * first)
            out[name + "_at"] = offsets(lengths[name])
        if self.links:
            own = np.repeat(alone, lengths["fr"]) & np.repeat(~taught[first], lengths["fr"])
            begin = self.fr.start[0, pairs[first]]
            for i, link in enumerate(self.links):
                here = np.full(out["fr_at"][-1], NONE, np.uint8)
                kept = alone & ~taught[first]
                here[own] = gather(link, begin[kept], lengths["fr"][kept])
                out[f"link{i}"] = here
        longest = np.maximum(lengths["en"], lengths["fr"]) + 1
        order = np.argsort(longest + random.random(len(longest)) * 3, kind="stable")
        out["order"], cuts, at = order, [0], 0
        running = longest[order]
        while at < len(order):
            count = max(1, self.room // max(int(running[at]), 1))
            while count > 1 and round_up(running[at:at + count].max()) * len(running[at:at + count]) > self.room:
                count = min(count - 1, int(count * 0.97))
            at = min(at + max(1, count), len(order))
            cuts.append(at)
        out["cuts"] = np.array(cuts)
        out["sizes"] = np.array([[round_up(lengths[name][order[a:b]].max() + 1) for name in ("en", "fr")] +
                                 [int(lengths["fr"][order[a:b]].sum()) + b - a, int(lengths["en"][order[a:b]].sum()) + b - a]
                                 for a, b in zip(cuts, cuts[1:])])
        out["sequence"] = random.permutation(len(cuts) - 1)
        return out


def round_up(length) -> int:
    return -(-int(length) // ROUND) * ROUND


class Pool:
    """A pool's arrays on the device; batches() yields what padded.Network takes."""

    def __init__(self, arrays: dict[str, np.ndarray], pad: int, device: str):
        self.sizes, self.cuts, self.sequence, self.pad = (arrays["sizes"].tolist(), arrays["cuts"].tolist(),
                                                          arrays["sequence"].tolist(), pad)
        self.on = {k: torch.from_numpy(v).to(device) for k, v in arrays.items() if k not in ("sizes", "cuts", "sequence")}

    def side(self, name: str, rows: torch.Tensor, longest: int, flat: torch.Tensor, filler: int):
        at = self.on[name + "_at"]
        start, length = at[rows], at[rows + 1] - at[rows]
        place = torch.arange(longest, device=rows.device)
        ids = flat[(start[:, None] + place).clamp(max=len(flat) - 1)].long()
        return ids.masked_fill(place >= length[:, None], filler), place <= length[:, None]

    def batches(self):
        """en int64 [b, n] and its mask; fr, target int64 [b, m] and their mask; links int64 [b, m] x 2 of the French
        token that is fed (NONE: none); count, rows: French and English tokens."""
        for k in self.sequence:
            rows = self.on["order"][self.cuts[k]:self.cuts[k + 1]]
            n, m, count, english = self.sizes[k]
            en, en_mask = self.side("en", rows, n, self.on["en"], data.END)
            target, mask = self.side("fr", rows, m, self.on["fr"], data.END)
            begin = target.new_full((len(rows), 1), self.pad)
            batch = dict(en=en, en_mask=en_mask, fr=torch.cat([begin, target[:, :-1]], 1), target=target, mask=mask,
                         count=count, rows=english)
            if "link0" in self.on:
                none = target.new_full((len(rows), 1), NONE)
                batch["links"] = [torch.cat([none, self.side("fr", rows, m, self.on[f"link{i}"], NONE)[0][:, :-1]], 1)
                                  for i in range(2)]
            yield batch


class Pools:
    """A process that makes pools ahead of the training, one at a time."""

    def __init__(self, make, pad: int, device: str):
        self.pad, self.device = pad, device
        context = multiprocessing.get_context("fork")
        self.asked, self.made = context.Queue(), context.Queue()
        self.number, self.process = 0, context.Process(target=self.work, args=(make, self.asked, self.made), daemon=True)
        self.process.start()

    @staticmethod
    def work(make, asked, made):
        folder = Path("/dev/shm") if Path("/dev/shm").exists() else Path(tempfile.gettempdir())
        maker = make()
        while True:
            task = asked.get()
            if isinstance(task, str):
                with np.load(task) as file:
                    maker.use(Distilled(file["fr"], file["at"], file["good"]))
                continue
            number, end, real, links = task
            arrays = maker.pool(number, end, real)
            path = folder / f"pool-{os.getpid()}-{number}.npz"
            np.savez(path, **{k: v for k, v in arrays.items() if links or not k.startswith("link")})
            made.put(str(path))

    def ask(self, end: bool, real: float = 1.0, links: bool = False) -> None:
        self.asked.put((self.number, end, real, links))
        self.number += 1

    def take(self) -> Pool:
        path = Path(self.made.get(timeout=300))
        with np.load(path) as file:
            arrays = {k: file[k] for k in file.files}
        path.unlink()
        return Pool(arrays, self.pad, self.device)


def two_links(link: np.ndarray, at: np.ndarray, fr_at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each French token the first and the last English token that it is linked to (NONE: none), uint8.

    link, at: as in links.npz (align.py).
    """
    pair = np.repeat(np.arange(len(at) - 1), np.diff(at))
    place, english = fr_at[pair] + link[:, 1], link[:, 0]
    first = np.full(fr_at[-1], NONE, np.uint8)
    last = first.copy()
    order = np.argsort(-english.astype(np.int16), kind="stable")
    first[place[order]] = english[order]        # of several assignments the last one, the smallest, stays
    last[place[order[::-1]]] = english[order[::-1]]
    return first, last
