"""A model's own French for the pairs that a short end phase sees first, in the place of a teacher's: without a GPU.

People's French alone would lead a distilled student away from what it has learnt; its own translations keep it there
while something else is tuned (train.py --init-from <model> --end ...).

in:  a checkpoint or an exported folder, <work>/tokens.npz
out: <work>/<run>/distilled.npz, as distil.py writes it, for taught.py
"""

import argparse
import json
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch import nn

import data
import paths
from export import weights_of
from greedy import distilled
from model import Translator
from ops import mm
from padded import Network, Shadow
from taught import learners


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", default=paths.SHIPPED)
    parser.add_argument("--work", type=Path, default=paths.WORK)
    parser.add_argument("--run", default="distil")
    parser.add_argument("--pairs", type=int, default=60_000, help="how many of the first that an end phase draws")
    parser.add_argument("--seed", type=int, default=1, help="of the training")
    parser.add_argument("--room", type=int, default=8192, help="tokens of a batch's English, padding included")
    parser.add_argument("--seconds", type=float, default=3600)
    a = parser.parse_args()
    torch.set_num_threads(1)
    tokens = data.Tokens(a.work / "tokens.npz")
    c, weights = weights_of(a.model)
    network = Translator(c)
    network.load_state_dict(weights, strict=False)
    shadow = Shadow(network, torch.float32)
    for layer in shadow.copy.modules():
        if isinstance(layer, nn.Linear):
            layer.forward = lambda x, layer=layer: mm(x.flatten(0, -2), layer.weight.t()).view(*x.shape[:-1], -1).add_(layer.bias)
    model = SimpleNamespace(net=Network(shadow, 0.0), pad=c["vocabulary"] - 1)

    def log(what, **entry):
        print(json.dumps(dict(what=what, **entry)), flush=True)

    pairs = np.unique(tokens.order(a.seed, 0, end=True)[0][:a.pairs])
    pairs = pairs[learners(len(tokens.source))[pairs]]
    found = distilled(model, tokens, a.room, time.time() + a.seconds, "cpu", log, pairs)
    (a.work / a.run).mkdir(parents=True, exist_ok=True)
    np.savez(a.work / a.run / "distilled.npz", **found)


if __name__ == "__main__":
    main()
