"""Translate many sentences at once on a GPU with a padded.Network that is still in PyTorch: greedy, keys and values kept."""

import time
from pathlib import Path

import numpy as np
import torch

import data
from ops import mm
from padded import Extras, Network, blocked, split
from pool import offsets

LOOKED_AT = 8       # steps between looks at which sentences are done: each look waits for the device


def limit(source: int) -> int:
    """Steps at most for a source of so many tokens."""
    return int(source * 1.6) + 12


class Cache:
    """Keys and values of a batch, layer by layer: cross [b, heads, n, d / heads], own up to `longest` steps."""

    def __init__(self, net: Network, memory: torch.Tensor, mask: torch.Tensor, longest: int):
        heads, d = net.c["heads"], net.c["d"]
        layers = net.shadow.copy.model.decoder.layers
        self.cross = [[split(p(memory), heads).contiguous() for p in (l.encoder_attn.k_proj, l.encoder_attn.v_proj)]
                      for l in layers]
        self.own = [[memory.new_zeros(len(memory), heads, longest, d // heads) for _ in range(2)] for _ in layers]
        self.bias = blocked(mask[:, None, None])

    def keep(self, rows: torch.Tensor) -> None:
        for kinds in (self.cross, self.own):
            for layer in kinds:
                layer[:] = [t[rows] for t in layer]
        self.bias = self.bias[rows]


def look(q, k, v, bias=None):
    scores = (q @ k.transpose(2, 3)).float() * q.shape[-1] ** -0.5
    p = (scores if bias is None else scores + bias).softmax(-1)
    return (p.to(v.dtype) @ v).transpose(1, 2).flatten(2)


def step(net: Network, word: torch.Tensor, at: int, cache: Cache) -> torch.Tensor:
    """word int64 [b, 1] -> logits [b, vocabulary]."""
    heads = net.c["heads"]
    stack = net.shadow.copy.model.decoder
    x = net.embed(word, at)
    for layer, own, cross in zip(stack.layers, cache.own, cache.cross):
        def itself(y, layer=layer, own=own):
            a = layer.self_attn
            own[0][:, :, at:at + 1], own[1][:, :, at:at + 1] = split(a.k_proj(y), heads), split(a.v_proj(y), heads)
            return a.out_proj(look(split(a.q_proj(y), heads), own[0][:, :, :at + 1], own[1][:, :, :at + 1]))

        def source(y, layer=layer, cross=cross):
            a = layer.encoder_attn
            return a.out_proj(look(split(a.q_proj(y), heads), *cross, cache.bias))

        x = net.sublayer(x, layer.self_attn_layer_norm, itself)
        x = net.sublayer(x, layer.encoder_attn_layer_norm, source)
        x = net.sublayer(x, layer.final_layer_norm, lambda y, layer=layer: net.feed(layer, y))
    if net.pre:
        x = stack.layer_norm(x)
    return mm(x[:, 0], net.shadow.master.model.shared.weight.to(x.dtype).t())


@torch.no_grad()
def translate(net: Network, en: torch.Tensor, mask: torch.Tensor, pad: int) -> tuple[np.ndarray, np.ndarray]:
    """en int64 [b, n] and its mask -> ids int16 [b, steps], and how many of each are before </s> (-1: it never ended)."""
    net.training = False
    longest = limit(en.shape[1])
    cache = Cache(net, net.encode(en, mask, Extras()), mask, longest)
    word = en.new_full((len(en), 1), pad)
    out = torch.zeros(len(en), longest, dtype=torch.int16, device=en.device)
    length = torch.full((len(en),), -1, device=en.device)
    live = torch.arange(len(en), device=en.device)
    for at in range(longest):
        logits = step(net, word, at, cache).float()
        logits[:, pad] = -1e9
        word = logits.argmax(1, keepdim=True)
        out[live, at] = word[:, 0].to(torch.int16)
        length[live] = torch.where((word[:, 0] == data.END) & (length[live] < 0), at, length[live])
        if at % LOOKED_AT == LOOKED_AT - 1:
            going = (length[live] < 0).nonzero()[:, 0]
            if not len(going):
                break
            if len(going) < 0.6 * len(live):
                cache.keep(going)
                live, word = live[going], word[going]
    net.training = True
    return out.cpu().numpy(), length.cpu().numpy()


def samples(of, tokenizer, file: Path, device: str) -> list[str]:
    """What a network (clocked.Training) writes of a file's lines, one by one: its French, greedy."""
    ids = [e.ids for e in tokenizer.encode_batch(file.read_text(encoding="utf-8").splitlines(), add_special_tokens=False)]
    longest = max(map(len, ids)) + 1
    en = torch.tensor([line + [data.END] * (longest - len(line)) for line in ids], device=device)
    mask = torch.arange(longest, device=device) <= torch.tensor([[len(line)] for line in ids], device=device)
    words, lengths = translate(of.net, en, mask, of.pad)
    return tokenizer.decode_batch([row[:n].tolist() for row, n in zip(words, lengths)])


def distilled(teacher, tokens: data.Tokens, room: int, ends: float, device: str, log,
              pairs: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """The teacher's French for as many pairs (of these, or of all) as there is time for: fr, at, good."""
    flat = tokens.flat
    pairs = np.random.default_rng(5).permutation(np.concatenate(list(tokens.groups.values())) if pairs is None else pairs)
    length = np.diff(flat["en_at"])
    en = torch.from_numpy(flat["en"].astype(np.int16)).to(device)
    began, found = time.time(), []
    for part in np.array_split(pairs, 12):
        part = part[np.argsort(length[part], kind="stable")]
        a = 0
        while a < len(part) and time.time() < ends:
            n = int(length[part[min(a + room // 16, len(part) - 1)]]) + 1
            rows = part[a:a + max(1, room // (n + 4))]
            a, n = a + len(rows), int(length[rows].max()) + 1
            start, size = (torch.from_numpy(x[rows]).to(device) for x in (flat["en_at"], length))
            place = torch.arange(n, device=device)
            ids = en[(start[:, None] + place).clamp(max=len(en) - 1)].long().masked_fill(place >= size[:, None], data.END)
            found.append((rows, *translate(teacher.net, ids, place <= size[:, None], teacher.pad)))
    good, lengths = np.zeros(len(length), bool), np.zeros(len(length), np.int64)
    for rows, ids, ended in found:
        good[rows] = (ended > 0) & ~loops(ids, ended)
        lengths[rows] = np.where(good[rows], ended, 0)
    at = offsets(lengths)
    fr = np.zeros(at[-1], np.uint16)
    for rows, ids, _ in found:
        place = np.arange(ids.shape[1])
        kept = place < lengths[rows][:, None]
        fr[(at[rows][:, None] + place)[kept]] = ids[kept]
    log("distilled", pairs=sum(len(rows) for rows, _, _ in found), good=int(good.sum()), tokens=int(at[-1]),
        seconds=round(time.time() - began, 1))
    return dict(fr=fr, at=at, good=good)


def loops(ids: np.ndarray, length: np.ndarray) -> np.ndarray:
    """[b]: three tokens in a row come four times or more."""
    if ids.shape[1] < 6:
        return np.zeros(len(ids), bool)
    ids = ids.astype(np.int64)
    threes = (ids[:, :-2] << 32) + (ids[:, 1:-1] << 16) + ids[:, 2:]
    place = np.arange(threes.shape[1])
    threes = np.sort(np.where(place < length[:, None] - 2, threes, -1 - place), 1)
    return (threes[:, 3:] == threes[:, :-3]).any(1)
