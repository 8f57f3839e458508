"""Writes test/fixtures/knockout.json: what `transformers` computes with single links of attention cut.

    python test/parity/knockout.py [fixture ...]

A link is cut by putting −∞ in the place of its score, in the one call of softmax that belongs to its layer: the same as an additive mask
of one head. Models are built as in probes.py. Needs numpy, torch, transformers, onnx.

Each fixture: a list of {cut: [{kind, layer, head, queries, keys}] (-1: all), result: {shape, data: base64 of float32}}, where the result
is the logits, or the hidden states of a model without any, of the whole text, batch left out.
"""
import json
import sys

import torch
from probes import FIXTURES, build, inputs, packed

WRITTEN = FIXTURES.parent / "knockout.json"
NAMES = ["eager-bert", "eager-gpt2", "sdpa-llama", "sdpa-marian", "eager-t5"]


def calls(config, family):
    """(kind, layer) of each call of softmax, in order."""
    if family == "bert":
        return [("encoder", layer) for layer in range(config.num_hidden_layers)]
    if family in ("gpt2", "llama"):
        return [("decoder", layer) for layer in range(config.num_hidden_layers)]
    encoder, decoder = (config.num_layers, config.num_decoder_layers) if family == "t5" else (config.encoder_layers, config.decoder_layers)
    return [("encoder", layer) for layer in range(encoder)] + [(kind, layer) for layer in range(decoder) for kind in ("decoder", "cross")]


def run(model, text, order, cut):
    plain, seen = torch.nn.functional.softmax, []

    def softmax(scores, *args, **kwargs):
        kind, layer = order[len(seen)]
        seen.append((kind, layer))
        scores = scores.clone()
        for link in cut:
            if link["kind"] == kind and link["layer"] in (-1, layer):
                heads = range(scores.shape[1]) if link["head"] < 0 else [link["head"]]
                for head in heads:
                    for query in link["queries"]:
                        scores[0, head, query, link["keys"]] = -torch.inf
        return plain(scores, *args, **kwargs)

    torch.nn.functional.softmax = softmax
    try:
        with torch.no_grad():
            given = model(**inputs(text), **({} if model.config.model_type == "bert" else {"use_cache": False}))
    finally:
        torch.nn.functional.softmax = plain
    assert seen == order, "one call of softmax for each attention"
    return given.logits if "logits" in given else given.last_hidden_state


def reference(name):
    model, text, _ = build(FIXTURES / name)
    order = calls(model.config, text["model_type"])
    whole = run(model, text, order, [])
    out = []
    for kind in dict.fromkeys(kind for kind, _ in order):
        # The one link of one head that changes most; and all links between two pairs of tokens, in all heads and layers.
        single = [[{"kind": kind, "layer": 1, "head": 1, "queries": [3], "keys": [key]}] for key in range(4)]
        most = max(single, key=lambda cut: float((run(model, text, order, cut) - whole).abs().max()))
        for cut in (most, [{"kind": kind, "layer": -1, "head": -1, "queries": [2, 3], "keys": [0, 1]}]):
            result = run(model, text, order, cut)
            changed = float((result - whole).abs().max())
            assert changed > 5e-5, f"{name} {cut}: a link that is cut changes something, not {changed}"
            out.append({"cut": cut, "result": packed(result[0].numpy())})
    return out


if __name__ == "__main__":
    known = json.loads(WRITTEN.read_text()) if WRITTEN.exists() else {}
    for fixture in sys.argv[1:] or NAMES:
        known[fixture] = reference(fixture)
        print(fixture, len(known[fixture]))
    WRITTEN.write_text(json.dumps(known) + "\n")
