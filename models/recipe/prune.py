"""Take whole layers out of a checkpoint, for train.py --init-from to learn to do without them.

Layers that stand in for each other cost nothing when one of them is ablated and much when both are: `--pairs` says what
the loss of two layers' choices costs together.  Of such a pair one can go.

in:  a checkpoint, which layers stay (counted from 0); with --pairs <work>/tokenizer.json, <data>/en-fr.more.dev.tsv
out: a checkpoint
"""

import argparse
import itertools
from pathlib import Path

import torch

import paths
from export import weights_of
from measure import KINDS, Measure, Network


def pruned(c: dict, weights: dict, kept: dict[str, list[int]]) -> tuple[dict, dict]:
    """kept: {"encoder": layers, "decoder": layers}, in their new order."""
    out = {}
    for name, value in weights.items():
        parts = name.split(".")         # model.encoder.layers.3.fc1.weight
        if len(parts) > 3 and parts[2] == "layers":
            if int(parts[3]) not in kept[parts[1]]:
                continue
            parts[3] = str(kept[parts[1]].index(int(parts[3])))
        out[".".join(parts)] = value
    return {**c, **{half: len(layers) for half, layers in kept.items()}}, out


class Several(Network):
    """Ablates several layers at once."""

    together: tuple = ()

    def attend(self, name, kind, layer, *rest):
        self.ablated = (kind, layer, None) if (kind, layer) in self.together else None
        return super().attend(name, kind, layer, *rest)


@torch.no_grad()
def pairs(c: dict, weights: dict, measure: Measure) -> None:
    network = Several(c, weights)

    def loss(*together) -> float:
        network.together = together
        sums = [(network.loss(fr, rows, network.encode(en, there), there, target), int(rows.sum()))
                for en, there, fr, rows, target in measure.prepared]
        return sum(nats for nats, _ in sums) / sum(tokens for _, tokens in sums)

    whole = loss()
    for kind in KINDS:
        layers = range(c["encoder" if kind == "encoder" else "decoder"])
        for count in (1, 2):
            for chosen in itertools.combinations(layers, count):
                print(kind, *(i + 1 for i in chosen), f"{loss(*((kind, i) for i in chosen)) - whole:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--encoder", type=int, nargs="+", default=[0])
    parser.add_argument("--decoder", type=int, nargs="+", default=[0])
    parser.add_argument("--pairs", action="store_true", help="say what two layers' ablation costs, and prune nothing")
    parser.add_argument("--sentences", type=int, default=120)
    parser.add_argument("--data", type=Path, default=paths.DATA)
    parser.add_argument("--work", type=Path, default=paths.WORK)
    a = parser.parse_args()
    c, weights = weights_of(a.checkpoint)
    weights = {name: value.float() for name, value in weights.items()}
    if a.pairs or not a.out:
        pairs(c, weights, Measure(a.work / "tokenizer.json", a.data, a.sentences))
        return
    c, weights = pruned(c, weights, dict(encoder=a.encoder, decoder=a.decoder))
    torch.save(dict(configuration=c, model=weights), a.out)


if __name__ == "__main__":
    main()
