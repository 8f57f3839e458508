"""A warm start for another vocabulary, with the heads that did nothing made anew.

Embeddings of pieces that the old vocabulary has are kept; any other piece gets the mean of the old pieces that it
is made of.  Self-attention layers whose ablation costs less than measure.LIVES are drawn afresh: what they brought was
the same in every row, and that constant becomes the bias of their output, so that nothing after them is disturbed.

in:  folder of an exported model, <work>/tokenizer.json
out: a .pt of weights, for train.py --init-from
"""

import argparse
import math
from pathlib import Path

import torch
from tokenizers import Tokenizer

import paths
from export import weights_of
from measure import LIVES, Measure, Network


def embeddings(old: Tokenizer, new: Tokenizer, table: torch.Tensor) -> tuple[torch.Tensor, int]:
    """Rows for the new vocabulary, and how many of them are the old ones'."""
    known, rows, same = old.get_vocab(), torch.zeros(new.get_vocab_size(), table.shape[1]), 0
    for piece, i in new.get_vocab().items():
        parts = [known[piece]] if piece in known else [token.id for token in old.model.tokenize(piece)]
        rows[i] = table[parts].mean(0)
        same += len(parts) == 1
    return rows, same


class Watched(Network):
    """Keeps the mean of what each layer of self-attention brings."""

    def attend(self, name, kind, layer, x, memory, here, there):
        y = super().attend(name, kind, layer, x, memory, here, there)
        total, count = self.sums.get((kind, layer), (0.0, 0))
        self.sums[kind, layer] = total + y[here].sum(0), count + int(here.sum())
        return y


@torch.no_grad()
def anew(c: dict, weights: dict, prepared: list, dead: list[tuple[str, int]]) -> None:
    """Draws these layers of self-attention afresh, in place; (kind, layer)."""
    network = Watched(c, weights)
    network.sums = {}
    for en, there, fr, rows, _ in prepared:
        network.decode(fr, rows, network.encode(en, there), there)
    gain = (2.0 * (c["encoder"] + c["decoder"])) ** -0.25      # as model.py begins
    for kind, i in dead:
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            layer = f"model.{kind}.layers.{i}.self_attn.{name}"
            bound = math.sqrt(3 / c["d"]) * (gain if name in ("v_proj", "out_proj") else 1)
            weights[layer + ".weight"] = torch.empty(c["d"], c["d"]).uniform_(-bound, bound)
            weights[layer + ".bias"] = torch.zeros(c["d"])
        total, count = network.sums[kind, i]
        weights[f"model.{kind}.layers.{i}.self_attn.out_proj.bias"] = total / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, default=paths.DATA)
    parser.add_argument("--work", type=Path, default=paths.WORK)
    a = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    c, weights = weights_of(a.model)
    measure = Measure(a.model / "tokenizer.json", a.data, 100)
    cost = measure(c, weights)["layers"]
    dead = [(kind, i) for kind in ("encoder", "decoder") for i, value in enumerate(cost[kind]) if value < LIVES]
    anew(c, weights, measure.prepared, dead)
    print("drawn afresh:", ", ".join(f"{kind} layer {i + 1} ({cost[kind][i]} nats)" for kind, i in dead) or "none")
    tokenizers = [Tokenizer.from_file(str(folder / "tokenizer.json")) for folder in (a.model, a.work)]
    weights["model.shared.weight"], same = embeddings(*tokenizers, weights["model.shared.weight"])
    c["vocabulary"] = len(weights["model.shared.weight"])
    torch.save(dict(configuration=c, model=weights), a.out)
    print(f"{c['vocabulary']} pieces, {same} of them with their old embedding")


if __name__ == "__main__":
    main()
