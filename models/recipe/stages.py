"""What the training's own network computes at every stage, for the extension's numbers to be held against.

in:  a folder of an exported model (its stored weights)
out: JSON: input_ids, decoder_input_ids, stages: a list of {measure, kind, layer, shape, every, data}; `data` is base64 of
     little-endian float32, every `every`th number of the row-major tensor from the first on; `measure` is the extension's name
     of the stage (src/onnx/anatomy/stages.ts)
"""

import argparse
import base64
import json
import math
import os
from pathlib import Path

os.environ["EA_PLAIN"] = "1"        # plain PyTorch: kernels.cpp works on slices that nobody sees

import onnx
import torch
from tokenizers import Tokenizer

import ops
import paths
from compress import floats
from export import weights_of
from model import END, Translator
from text import normalise

TEXT = "She put the keys on the kitchen table and forgot them there."
KEPT = 64       # numbers of each stage


class Recorder:
    """Listens to the operations of ops.py: what each parameter's operation took and gave, in order."""

    def __init__(self, model: Translator):
        self.names = {id(module): name.removeprefix("model.") for name, module in model.named_modules()}
        self.took, self.gave, self.plain = {}, {}, {name: getattr(ops, name) for name in ("linear", "attention", "residual_norm")}

    def __enter__(self):
        ops.linear, ops.attention, ops.residual_norm = self.linear, self.attention, self.norm
        self.attended = []
        return self

    def __exit__(self, *_):
        for name, function in self.plain.items():
            setattr(ops, name, function)

    def linear(self, x, layers, relu=False):
        y = self.plain["linear"](x, layers, relu)
        for layer, part in zip(layers, y.split([len(l.weight) for l in layers], 1)):
            self.took[self.names[id(layer)]], self.gave[self.names[id(layer)]] = x, part
        return y

    def attention(self, *arguments, **named):
        self.attended.append(self.plain["attention"](*arguments, **named))
        return self.attended[-1]

    def norm(self, x, r, norm):
        name = self.names[id(norm)]
        self.took[name], self.gave[name] = x, self.plain["residual_norm"](x, r, norm)
        return self.gave[name]


def stages(c: dict, seen: Recorder, logits: torch.Tensor):
    """(measure, kind, layer, tensor) of all that was seen."""
    def heads(x):
        return x.unflatten(1, (c["heads"], -1)).transpose(0, 1)

    for half in ("encoder", "decoder"):
        for i in range(c[half]):
            layer = f"{half}.layers.{i}"
            parts = [(half, "self_attn")] + [("cross", "encoder_attn")] * (half == "decoder")
            for kind, part in parts:
                query, key, value = (heads(seen.gave[f"{layer}.{part}.{p}_proj"]) for p in "qkv")
                scores = query @ key.transpose(1, 2) / math.sqrt(query.shape[-1])
                if kind == "decoder":
                    weights = scores.masked_fill(~torch.ones(scores.shape[1:], dtype=torch.bool).tril(), -math.inf).softmax(-1)
                else:
                    weights = scores.softmax(-1)
                for measure, tensor in (("query", query), ("key", key), ("value", value), ("scores", scores), ("weights", weights),
                                        ("headOutput", heads(seen.took[f"{layer}.{part}.out_proj"])),
                                        ("attentionOutput", seen.gave[f"{layer}.{part}.out_proj"]),
                                        ("attentionNorm", seen.gave[f"{layer}.{part}_layer_norm"])):
                    yield measure, kind, i, tensor
            yield "streamBefore", half, i, seen.took[f"{layer}.self_attn_layer_norm"]
            yield "feedForwardInner", half, i, seen.gave[f"{layer}.fc1"]
            yield "feedForwardOutput", half, i, seen.gave[f"{layer}.fc2"]
            yield "streamAfter", half, i, seen.gave[f"{layer}.final_layer_norm"]
    yield "logits", "decoder", -1, logits


@torch.no_grad()
def translated(model: Translator, source: list[int], longest: int = 60) -> tuple[list[int], torch.Tensor]:
    """Greedy: the decoder's input, and its logits."""
    at = torch.tensor([0, len(source)], dtype=torch.int32)
    memory = model.encode(torch.tensor(source), at)
    shared = model.model.shared.weight
    words = [len(shared) - 1]
    while True:
        h = model.decode(torch.tensor(words), torch.tensor([0, len(words)], dtype=torch.int32), memory, at)
        logits = h @ shared.t()
        logits[:, -1] = -1e9                 # the pad is never written
        word = int(logits[-1].argmax())
        if word == END or len(words) == longest:
            return words, h @ shared.t()
        words.append(word)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", default=paths.SHIPPED)
    parser.add_argument("--text", default=TEXT)
    a = parser.parse_args()
    torch.set_num_threads(1)
    c, weights = weights_of(a.model)
    model = Translator(c)
    missing = model.load_state_dict(weights, strict=False).missing_keys
    if any(not name.endswith("k_proj.bias") for name in missing):
        raise SystemExit(f"not in the files: {missing}")
    stored = floats(onnx.load(a.model / "onnx" / "encoder_model.onnx"))
    model.sinusoids.copy_(torch.from_numpy(next(v for name, v in stored.items() if "embed_positions" in name)))   # stored in half
    tokenizer = Tokenizer.from_file(str(a.model / "tokenizer.json"))
    source = tokenizer.encode(normalise(a.text)).ids
    words, _ = translated(model, source)
    with Recorder(model) as seen:
        at, at_words = torch.tensor([0, len(source)], dtype=torch.int32), torch.tensor([0, len(words)], dtype=torch.int32)
        with torch.no_grad():
            h = model.decode(torch.tensor(words), at_words, model.encode(torch.tensor(source), at), at)
            logits = h @ model.model.shared.weight.t()
        found = []
        for measure, kind, layer, tensor in stages(c, seen, logits):
            flat = tensor.contiguous().flatten()
            every = -(-len(flat) // KEPT)
            found.append(dict(measure=measure, kind=kind, layer=layer, shape=list(tensor.shape), every=every,
                              data=base64.b64encode(flat[::every].contiguous().numpy().tobytes()).decode()))
    print(json.dumps(dict(text=a.text, written=tokenizer.decode(words[1:]), input_ids=source, decoder_input_ids=words, stages=found)))


if __name__ == "__main__":
    main()
