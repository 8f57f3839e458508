"""The exported model against PyTorch's MarianMTModel with the same weights.

Checks on <data>/en-fr.dev.tsv: logits (with and without kept keys and values) within --tolerance,
greedy translations equal.  Exit status 1 where they are not.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

import paths
from export import marian, weights_of
from tokenizer import read
from translate import Model, limit


@torch.no_grad()
def greedy(model, ids: list[int], pad: int, longest: int) -> list[int]:
    memory, words = model.get_encoder()(torch.tensor([ids])), [pad]
    while len(words) < longest:
        z = model(encoder_outputs=memory, decoder_input_ids=torch.tensor([words]), use_cache=False).logits[0, -1]
        z[pad] = -torch.inf
        words.append(int(z.argmax()))
        if words[-1] == 0:
            return words[1:-1]
    return words[1:]


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="checkpoint or folder that PyTorch takes its weights from")
    parser.add_argument("model", type=Path, help="folder of the exported model")
    parser.add_argument("--data", type=Path, default=paths.DATA)
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    a = parser.parse_args()
    torch.set_num_threads(1)
    reference, model = marian(*weights_of(a.weights)), Model(a.model)
    rows = read(a.data / "en-fr.dev.tsv")
    rows = rows[:: max(1, len(rows) // a.sentences)][:a.sentences]
    worst, equal = 0.0, 0
    translations = model.translate([row[1] for row in rows], together=1)
    for (_, english, french), translation in zip(rows, translations):
        ids, target = model.ids(english), model.ids(french)[:-1]
        words = np.array([[model.pad] + target])
        hidden, mask = model.encode([ids])
        whole, _ = model.logits(words, hidden, mask)
        first, past = model.logits(words[:, :1], hidden, mask)
        rest, _ = model.logits(words[:, 1:], hidden, mask, past)
        expected = reference(input_ids=torch.tensor([ids]), decoder_input_ids=torch.from_numpy(words)).logits.numpy()
        for z in (whole, np.concatenate([first, rest], 1)):
            worst = max(worst, float(np.abs(z - expected).max()))
        equal += translation == model.tokenizer.decode(greedy(reference, ids, model.pad, limit(len(ids))))
    print(f"{len(rows)} sentences: logits differ by {worst:.1e} at most; {equal} translations equal")
    if worst > a.tolerance or equal < len(rows):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
