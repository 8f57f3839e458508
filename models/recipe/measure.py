"""Do the heads do anything?  What the loss costs when a layer, or a head, loses its choice of where to look.

Ablation: every attention row is replaced by the mean of its sentence's rows (of a causal layer: by that mean, cut
to what the row may see and scaled to one), teacher-forced, on general prose.  The difference in nats a token is what
the layer's looking is worth: near zero, and the picture of it shows nothing that the translation rests on.

in:  a checkpoint or a folder of a model, its tokenizer, <data>/en-fr.more.dev.tsv
out: JSON on standard output; with --heads each head's ablation too, and what it looks at
"""

import argparse
import json
import math
import random
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

import paths
from model import sinusoids
from text import normalise
from tokenizer import read

KINDS = ("encoder", "decoder", "cross")
LIVES = 0.05            # nats a token: a layer that costs less when it is ablated does not matter
NAMED = 0.5             # of the weight: a head that puts as much on one role is named by it
ROLES = ("previous", "next", "second before", "second after", "same", "first", "end", "punctuation")


def sentences(tokenizer: Tokenizer, path: Path, count: int) -> list[tuple[list[int], list[int]]]:
    """Ids without </s> of a fixed random sample."""
    rows = read(path)
    rows = random.Random(1).sample(rows, min(count, len(rows)))
    return [tuple(tokenizer.encode(normalise(text), add_special_tokens=False).ids for text in row[1:]) for row in rows]


def pad(lists: list[list[int]], filler: int):
    longest = max(map(len, lists))
    ids = torch.tensor([x + [filler] * (longest - len(x)) for x in lists])
    return ids, torch.tensor([[True] * len(x) + [False] * (longest - len(x)) for x in lists])


class Network:
    """The model in plain PyTorch over padded batches, with attention that can be seen and ablated."""

    def __init__(self, c: dict, weights: dict):
        self.c, self.w = c, {k: v.float() for k, v in weights.items()}
        self.table = sinusoids(512, c["d"])
        self.ablated, self.seen = None, None      # (kind, layer, head or None); list that receives (kind, layer, weights)

    def linear(self, x, name: str):
        return F.linear(x, self.w[name + ".weight"], self.w[name + ".bias"])

    def norm(self, x, name: str):
        return F.layer_norm(x, x.shape[-1:], self.w[name + ".weight"], self.w[name + ".bias"])

    def embed(self, ids):
        return F.embedding(ids, self.w["model.shared.weight"]) * math.sqrt(self.c["d"]) + self.table[:ids.shape[1]]

    def attend(self, name: str, kind: str, layer: int, x, memory, here, there):
        """here [b, n], there [b, m]: which rows and columns are tokens."""
        split = lambda t: t.unflatten(2, (self.c["heads"], -1)).transpose(1, 2)
        q, k, v = split(self.linear(x, name + ".q_proj")), *(split(self.linear(memory, f"{name}.{p}_proj")) for p in "kv")
        mask = there[:, None, None, :]
        if kind == "decoder":
            mask = mask & torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril()
        p = (q @ k.transpose(2, 3) * q.shape[-1] ** -0.5).masked_fill(~mask, -1e30).softmax(-1)
        if self.seen is not None:
            self.seen.append((kind, layer, p))
        if self.ablated and self.ablated[:2] == (kind, layer):
            rows = here[:, None, :, None].float()
            mean = ((p * rows).sum(2, keepdim=True) / rows.sum(2, keepdim=True) * mask).expand_as(p)
            mean = mean / mean.sum(3, keepdim=True).clamp(min=1e-9)
            head = self.ablated[2]
            if head is None:
                p = mean
            else:
                p = p.clone()
                p[:, head] = mean[:, head]
        return self.linear((p @ v).transpose(1, 2).flatten(2), name + ".out_proj")

    def feed(self, x, layer: str):
        y = F.relu(self.linear(x, layer + ".fc1"))
        return self.norm(x + self.linear(y, layer + ".fc2"), layer + ".final_layer_norm")

    def encode(self, ids, there):
        x = self.embed(ids)
        for i in range(self.c["encoder"]):
            layer = f"model.encoder.layers.{i}"
            y = self.attend(layer + ".self_attn", "encoder", i, x, x, there, there)
            x = self.feed(self.norm(x + y, layer + ".self_attn_layer_norm"), layer)
        return x

    def decode(self, ids, here, memory, there):
        x = self.embed(ids)
        for i in range(self.c["decoder"]):
            layer = f"model.decoder.layers.{i}"
            y = self.attend(layer + ".self_attn", "decoder", i, x, x, here, here)
            x = self.norm(x + y, layer + ".self_attn_layer_norm")
            y = self.attend(layer + ".encoder_attn", "cross", i, x, memory, here, there)
            x = self.feed(self.norm(x + y, layer + ".encoder_attn_layer_norm"), layer)
        return x

    def loss(self, ids, here, memory, there, target) -> float:
        """Sum of nats over the tokens."""
        h = self.decode(ids, here, memory, there)[here]
        return float(F.cross_entropy(h @ self.w["model.shared.weight"].t(), target[here], reduction="sum"))


def batches(pairs: list, filler: int, together: int = 50):
    pairs = sorted(pairs, key=lambda p: len(p[1]))
    for at in range(0, len(pairs), together):
        here = pairs[at:at + together]
        en, there = pad([e + [0] for e, _ in here], 0)
        fr, rows = pad([[filler] + f for _, f in here], filler)
        target, _ = pad([f + [0] for _, f in here], 0)
        yield en, there, fr, rows, target


@torch.no_grad()
def ablation(network: Network, prepared: list, heads: bool = False) -> dict:
    """Loss, and what the loss of each layer's (and head's) rows adds to it, in nats a token."""
    tokens = sum(int(rows.sum()) for _, _, _, rows, _ in prepared)
    memories = [network.encode(en, there) for en, there, *_ in prepared]

    def loss(ablated=None) -> float:
        network.ablated = ablated
        total = 0.0
        for (en, there, fr, rows, target), memory in zip(prepared, memories):
            if ablated and ablated[0] == "encoder":
                memory = network.encode(en, there)
            total += network.loss(fr, rows, memory, there, target)
        network.ablated = None
        return total / tokens

    whole = loss()
    out = dict(loss=round(whole, 4), tokens=tokens, layers={}, heads={})
    for kind in KINDS:
        layers = range(network.c["encoder" if kind == "encoder" else "decoder"])
        out["layers"][kind] = [round(loss((kind, i, None)) - whole, 4) for i in layers]
        if heads:
            out["heads"][kind] = [[round(loss((kind, i, h)) - whole, 4) for h in range(network.c["heads"])] for i in layers]
    return out


@torch.no_grad()
def looks(network: Network, prepared: list, punctuation: torch.Tensor) -> dict:
    """Of each kind, layer and head: entropy (1: as even as can be), the mean weight of the heaviest column and,
    for the encoder, the weight on each role, in rows where there is such a token."""
    sums, rows_seen = {}, 0
    for en, there, fr, rows, _ in prepared:
        network.seen = []
        network.decode(fr, rows, network.encode(en, there), there)
        for kind, layer, p in network.seen:
            here, n = (there if kind == "encoder" else rows), p.shape[3]
            real = here[:, None, :, None].float()
            visible = torch.arange(1, n + 1).expand(len(p), n) if kind == "decoder" else (
                there.sum(1, keepdim=True).expand(-1, here.shape[1]))
            entropy = -(p * p.clamp(min=1e-12).log()).sum(3) / visible.clamp(min=2).float().log()[:, None]
            mass = (p * real).sum(2).amax(2) / here.sum(1)[:, None]
            entry = sums.setdefault((kind, layer), dict(entropy=0, column=0, roles=torch.zeros(len(ROLES), p.shape[1]),
                                                        places=torch.zeros(len(ROLES))))
            entry["entropy"] = entry["entropy"] + (entropy * real[..., 0]).sum((0, 2))
            entry["column"] = entry["column"] + (mass * here.sum(1)[:, None]).sum(0)
            if kind == "encoder":
                place = torch.arange(n)
                away = place[None, :] - place[:, None]
                points = punctuation[en] & there
                masks = [(away == s).expand(len(p), n, n) for s in (-1, 1, -2, 2, 0)]
                masks += [(place == 0).expand(len(p), n, n),
                          (place == there.sum(1)[:, None] - 1)[:, None].expand(len(p), n, n),
                          points[:, None].expand(len(p), n, n)]
                for r, mask in enumerate(masks):
                    mask = mask & there[:, None, :] & there[:, :, None]
                    can = mask.any(2)
                    entry["roles"][r] += ((p * mask[:, None]).sum(3) * can[:, None]).sum((0, 2))
                    entry["places"][r] += can.sum()
        rows_seen += int(rows.sum())
    network.seen = None
    tokens = {"encoder": sum(int(b[1].sum()) for b in prepared)}
    out = {}
    for (kind, layer), e in sorted(sums.items()):
        count = tokens.get(kind, rows_seen)
        entry = dict(entropy=[round(float(x), 3) for x in e["entropy"] / count],
                     column=[round(float(x), 3) for x in e["column"] / count])
        if kind == "encoder":
            score = e["roles"] / e["places"].clamp(min=1)[:, None]
            entry["roles"] = [[ROLES[int(i)], round(float(v), 3)] for v, i in zip(*score.max(0))]
        out.setdefault(kind, []).append(entry)
    return out


def norms(c: dict, weights: dict) -> dict:
    """Frobenius norms of q, k, v and output projections, layer by layer."""
    out = {}
    for kind, half, part in (("encoder", "encoder", "self_attn"), ("decoder", "decoder", "self_attn"),
                             ("cross", "decoder", "encoder_attn")):
        out[kind] = [{p: round(float(weights[f"model.{half}.layers.{i}.{part}.{p}_proj.weight"].norm()), 2)
                      for p in ("q", "k", "v", "out")} for i in range(c[half])]
    return out


class Measure:
    def __init__(self, tokenizer: Path, data: Path, count: int = 300):
        tokenizer = Tokenizer.from_file(str(tokenizer))
        size = tokenizer.get_vocab_size()
        self.prepared = list(batches(sentences(tokenizer, data / "en-fr.more.dev.tsv", count), size - 1))
        self.punctuation = torch.tensor([bool(t.strip()) and not any(ch.isalnum() for ch in t)
                                         for t in (tokenizer.decode([i]) for i in range(size))])

    def __call__(self, c: dict, weights: dict, heads: bool = False) -> dict:
        network = Network(c, weights)
        out = ablation(network, self.prepared, heads)
        out["looks"] = looks(network, self.prepared, self.punctuation)
        out["norms"] = norms(c, weights)
        out["named"] = sum(score >= NAMED for layer in out["looks"]["encoder"] for _, score in layer["roles"])
        return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", default=paths.SHIPPED)
    parser.add_argument("--data", type=Path, default=paths.DATA)
    parser.add_argument("--work", type=Path, default=paths.WORK)
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--heads", action="store_true")
    a = parser.parse_args()
    from export import weights_of
    torch.set_num_threads(1)
    tokenizer = (a.model if a.model.is_dir() else a.work) / "tokenizer.json"
    print(json.dumps(Measure(tokenizer, a.data, a.sentences)(*weights_of(a.model), heads=a.heads), indent=1))


if __name__ == "__main__":
    main()
