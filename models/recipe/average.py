"""Mean of several checkpoints' weights.

in:  checkpoints (at-<step>.pt, final.pt)
out: one .pt of the same form
"""

import argparse
from pathlib import Path

import torch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    a = parser.parse_args()
    loaded = [torch.load(p, weights_only=True, map_location="cpu") for p in a.checkpoints]
    mean = {k: torch.stack([c["model"][k].float() for c in loaded]).mean(0) for k in loaded[0]["model"]}
    torch.save(dict(configuration=loaded[0]["configuration"], model=mean), a.out)


if __name__ == "__main__":
    main()
