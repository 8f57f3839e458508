"""Heads that look where other heads of their layer look: queries and keys are copied, values and outputs stay their own.

A head that is taught a neighbour from nothing has not found it after the 400,000 tokens of a short run; with another head's
queries and keys it looks there at once, and only what it brings from there has to be learnt (train.py --init-from, --neighbours).

in:  a checkpoint or an exported folder
out: a checkpoint
"""

import argparse
from pathlib import Path

import torch

import paths
from export import weights_of

ATTENTIONS = {"encoder": "model.encoder.layers.{}.self_attn", "decoder": "model.decoder.layers.{}.self_attn",
              "cross": "model.decoder.layers.{}.encoder_attn"}


def copied(c: dict, weights: dict, attention: str, source: int, target: int, share: float) -> None:
    """In place.  attention: model.encoder.layers.0.self_attn; heads count from 0.

    share: of its output that the target keeps: what it brings from the other place is not yet what the layers after it
    expect (half of it costs the bundled model 0.006 nats less than all).
    """
    width = c["d"] // c["heads"]
    rows = [slice(head * width, (head + 1) * width) for head in (source, target)]
    for name in ("q_proj", "k_proj"):
        for part in ("weight", "bias"):
            value = weights[f"{attention}.{name}.{part}"]
            value[rows[1]] = value[rows[0]].clone()
    weights[f"{attention}.out_proj.weight"][:, rows[1]] *= share


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", default=paths.SHIPPED)
    parser.add_argument("out", type=Path)
    parser.add_argument("--kind", choices=tuple(ATTENTIONS), default="encoder")
    parser.add_argument("--layer", type=int, default=0, help="from 0")
    parser.add_argument("--heads", nargs="+", required=True, metavar="FROM:TO", help="from 0")
    parser.add_argument("--share", type=float, default=0.5, help="of their output that the copies begin with")
    a = parser.parse_args()
    c, weights = weights_of(a.model)
    for pair in a.heads:
        source, target = map(int, pair.split(":"))
        copied(c, weights, ATTENTIONS[a.kind].format(a.layer), source, target, a.share)
    torch.save(dict(configuration=c, model=weights), a.out)


if __name__ == "__main__":
    main()
