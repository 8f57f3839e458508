"""A warm start for another vocabulary, with the heads that did nothing made anew.

Embeddings of pieces that the old vocabulary has are kept; any other piece gets the mean of the old pieces that it
is made of.  Queries and keys of the self-attention layers whose ablation costs less than measure.LIVES are drawn
afresh: what they looked at was the same in every row, so nothing rests on it, and values and outputs stay.

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
from measure import LIVES, Measure


def embeddings(old: Tokenizer, new: Tokenizer, table: torch.Tensor) -> tuple[torch.Tensor, int]:
    """Rows for the new vocabulary, and how many of them are the old ones'."""
    known, rows, same = old.get_vocab(), torch.zeros(new.get_vocab_size(), table.shape[1]), 0
    for piece, i in new.get_vocab().items():
        parts = [known[piece]] if piece in known else [token.id for token in old.model.tokenize(piece)]
        rows[i] = table[parts].mean(0)
        same += len(parts) == 1
    return rows, same


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
    cost = Measure(a.model / "tokenizer.json", a.data, 100)(c, weights)["layers"]
    for kind in ("encoder", "decoder"):
        for i, value in enumerate(cost[kind]):
            if value < LIVES:
                for name in ("q_proj", "k_proj"):
                    layer = f"model.{kind}.layers.{i}.self_attn.{name}"
                    bound = math.sqrt(3 / c["d"])
                    weights[layer + ".weight"] = torch.empty(c["d"], c["d"]).uniform_(-bound, bound)
                    weights[layer + ".bias"] = torch.zeros(c["d"])
                print(f"{kind} layer {i + 1}: {value} nats; queries and keys anew")
    tokenizers = [Tokenizer.from_file(str(folder / "tokenizer.json")) for folder in (a.model, a.work)]
    weights["model.shared.weight"], same = embeddings(*tokenizers, weights["model.shared.weight"])
    c["vocabulary"] = len(weights["model.shared.weight"])
    torch.save(dict(configuration=c, model=weights), a.out)
    print(f"{c['vocabulary']} pieces, {same} of them with their old embedding")


if __name__ == "__main__":
    main()
