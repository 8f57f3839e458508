"""Writes test/fixtures/attribution.json: where the logit of the likeliest token of the last position comes from, by `transformers`' modules.

    python test/parity/attribution.py [fixture ...]

Nothing of the extension takes part, and nothing is led back by hand: what each head gives to its projection, what each feed-forward part
adds and what enters the first block are made leaves of the graph of derivatives, norms are computed with their deviation held (and the
activation of BERT's prediction head with its factors held), and
PyTorch's own derivative of the logit says how much each leaf is worth. A head's leaf is then cut by its keys: weight times value. As the
logit is linear in the leaves, their parts and what constants add are all of it. Models are built as in probes.py. Needs numpy, torch,
transformers, onnx.

Each fixture: `row`, `token`, `other` (the likeliest and the next one), and `alone` (the token's logit) and `against` (the difference of
both): {logit, embeddings, constants, feedForward: [blocks], keys: [{kind, layer, shape: [heads, keys], data: base64 of float32}]}.
"""
import json
import sys

import torch
from probes import FIXTURES, Hooks, build, inputs, packed, parts

WRITTEN = FIXTURES.parent / "attribution.json"
NAMES = ["eager-gpt2", "eager-gpt2-nocache", "sdpa-llama", "sdpa-marian", "eager-marian-pair", "sdpa-bart", "eager-t5", "eager-bert"]


def hold(norm):
    """A norm whose deviation is no part of the derivative."""
    centred = isinstance(norm, torch.nn.LayerNorm)
    epsilon = norm.eps if centred else norm.variance_epsilon

    def forward(x, *_):
        y = x - x.mean(-1, keepdim=True) if centred else x
        y = y / torch.sqrt(y.pow(2).mean(-1, keepdim=True) + epsilon).detach() * norm.weight
        return y + norm.bias if centred else y

    norm.forward = forward


def hold_activation(transform):
    """The prediction head of BERT: each number that its activation takes is multiplied by a factor that is no part of the derivative."""

    def forward(x):
        taken = transform.dense(x)
        return transform.LayerNorm(taken * (transform.transform_act_fn(taken) / taken).detach())

    transform.forward = forward


def attributed(model, given, leaves, kinds, values, maps, row, signs):
    """The parts of Σ sign · logit."""
    wanted = sum(sign * given.logits[0, row, token] for token, sign in signs)
    names = list(leaves)
    slopes = dict(zip(names, torch.autograd.grad(wanted, [leaves[name] for name in names], retain_graph=True)))
    part = lambda name: (slopes[name] * leaves[name].detach()).sum()
    keys, total = [], 0
    for kind, layer, name, count in kinds:
        slope = slopes[name].reshape(slopes[name].shape[1], count, -1)
        assert float(slope[torch.arange(len(slope)) != row % len(slope)].abs().max()) == 0, "only the place itself counts"
        edges = torch.einsum("hk,hkd,hd->hk", maps[kind][layer][0][:, row], values[kind, layer], slope[row])
        assert abs(float(edges.sum() - part(name))) < 1e-4, "a head is the sum of its keys"
        total += float(edges.sum())
        keys.append({"kind": kind, "layer": layer, **packed(edges.detach().numpy())})
    feed_forward = [float(part(name)) for name in names if name.startswith("feed forward")]
    embeddings = float(part("embeddings"))
    return {"logit": float(wanted), "embeddings": embeddings, "constants": float(wanted) - total - sum(feed_forward) - embeddings, "feedForward": feed_forward, "keys": keys}


def reference(name):
    model, text, _ = build(FIXTURES / name)
    family = text["model_type"]
    hooks = Hooks(model)
    if family == "llama":
        from transformers.models.llama import modeling_llama

        plain = modeling_llama.apply_rotary_pos_emb
        modeling_llama.apply_rotary_pos_emb = lambda *args, **kwargs: (hooks.rotated.append(plain(*args, **kwargs)), hooks.rotated[-1])[1]
    with torch.no_grad():
        before = model(**inputs(text), use_cache=False, output_attentions=True)
    attentions, blocks = parts(model, family, hooks)
    last = blocks[-1][0]
    attentions = [item for item in attentions if item["kind"] in (last, "cross") or family in ("gpt2", "llama")]
    blocks = [block for block in blocks if block[0] == last]
    values = {(item["kind"], item["layer"]): item["value"] for item in attentions}
    modules, leaves = dict(model.named_modules()), {}

    def leaf(name, tensor):
        leaves[name] = tensor.detach().requires_grad_()
        return leaves[name]

    for module in modules.values():
        if type(module).__name__.endswith(("LayerNorm", "RMSNorm")):
            hold(module)
    if family == "bert":
        hold_activation(model.cls.predictions.transform)
    first = {"bert": "bert.encoder.layer.0", "gpt2": "transformer.h.0", "llama": "model.layers.0", "t5": "decoder.block.0"}.get(family, "model.decoder.layers.0")
    modules[first].register_forward_pre_hook(lambda _, args: (leaf("embeddings", args[0]), *args[1:]))
    for item in attentions:
        modules[item["out"]].register_forward_pre_hook(lambda _, args, out=item["out"]: (leaf(out, args[0]),))
    for stack, layer, outer, *_ in blocks:
        modules[outer].register_forward_hook(lambda _m, _a, output, layer=layer: leaf(f"feed forward {layer}", output))
    given = model(**inputs(text), use_cache=False, output_attentions=True)
    assert float((given.logits - before.logits).abs().max()) < 2e-5, "with norms held the logits stay"
    maps = {"encoder": given.get("attentions"), "decoder": given.get("decoder_attentions") or given.get("attentions"), "cross": given.get("cross_attentions")}
    kinds = [(item["kind"], item["layer"], item["out"], item["heads"]) for item in attentions]
    row = given.logits.shape[1] - 1
    token, other = (int(i) for i in given.logits[0, row].topk(2).indices)
    common = (model, given, leaves, kinds, values, maps, row)
    return {"row": row, "token": token, "other": other, "alone": attributed(*common, [(token, 1)]), "against": attributed(*common, [(token, 1), (other, -1)])}


if __name__ == "__main__":
    known = json.loads(WRITTEN.read_text()) if WRITTEN.exists() else {}
    for fixture in sys.argv[1:] or NAMES:
        known[fixture] = reference(fixture)
        print(fixture, {key: value for key, value in known[fixture]["against"].items() if key != "keys"})
    WRITTEN.write_text(json.dumps(known) + "\n")
