"""Writes test/fixtures/probes/NAME.json: what `transformers` computes at every stage of a block, and with heads switched off.

    python test/parity/probes.py [fixture ...]

The fixtures are ONNX files only: each torch model is built from its config.json and filled with the file's own weights, by the names of
tensors and of the modules that the exporter left in the nodes' names. Every parameter has to be found, and the logits have to be those
of reference.json, which were computed from the original model: so the weights are the right ones. The stages are read by hooks on
`transformers`' modules; nothing of the extension takes part. Needs numpy, torch, transformers, onnx; onnxruntime
for the quantised files, whose numbers are their own: ONNX's evaluator or native ONNX Runtime gives their values, and the packed weights
are unpacked here.

Each file: `stages`: a list of {measure, kind, layer, shape, data}; `data` is base64 of little-endian float32, row-major, batch left out.
`off`: {gates: {kind: [[layer, head], ...]}, logits}: the last position's logits with these heads' outputs set to zero before the
projection. `norms`: ‖v_j W_O^h‖ as [heads, keys] by kind and layer (Kobayashi et al. 2020). `contributions`: ALTI
(Ferrando et al. 2022) as [queries, keys + 1], the last column the stream's own share, which in a self-attention belongs to a key. `lens`: the last position's logits of the
model's own norm and unembedding over the stream before the first block (layer -1) and after each block.
"""
import base64
import json
import re
import sys
from pathlib import Path

import numpy as np
import onnx
import onnx.reference
import torch
import transformers
from onnx import numpy_helper

FIXTURES = Path(__file__).parent.parent / "fixtures" / "transformers"
WRITTEN = Path(__file__).parent.parent / "fixtures" / "probes"
NAMES = ["eager-bert", "eager-gpt2", "sdpa-llama", "sdpa-marian", "sdpa-bart", "eager-t5"]


def graphs(graph):
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from graphs(attribute.g)


class File:
    """Weights of one ONNX file by the names of tensors and modules."""

    def __init__(self, path):
        self.tensors, self.aliases, self.products = {}, {}, {}
        for graph in graphs(onnx.load(str(path)).graph):
            for tensor in graph.initializer:
                self.tensors[re.sub(r"_merged_\d+$", "", tensor.name)] = numpy_helper.to_array(tensor)
            for node in graph.node:
                if node.op_type == "Identity":
                    self.aliases[node.output[0]] = node.input[0]
                if node.op_type in ("MatMul", "Gemm"):
                    self.products[node.name] = node.input[1]

    def tensor(self, name):
        name = re.sub(r"_merged_\d+$", "", name)
        for _ in range(8):
            if name in self.tensors:
                return self.tensors[name]
            if name not in self.aliases:
                return None
            name = re.sub(r"_merged_\d+$", "", self.aliases[name])
        return None

    def parameter(self, key):
        """A parameter by its own name, or a linear layer's weight by the product that its module became."""
        found = self.tensor(key)
        if found is not None:
            return found
        if not key.endswith(".weight"):
            return None
        path = re.sub(r"/(\d+)(?=/|$)", r".\1", "/" + key[: -len(".weight")].replace(".", "/"))
        for operator in ("MatMul", "Gemm"):
            name = self.products.get(f"{path}/{operator}")
            weight = self.tensor(name) if name else None
            if weight is not None:
                return weight.T if operator == "MatMul" else weight
        return None


def build(folder):
    reference = json.loads((folder / "reference.json").read_text())
    config = transformers.AutoConfig.from_pretrained(folder)
    config._attn_implementation = "eager"
    model = getattr(transformers, reference["architecture"])(config).eval()
    files = [(path.name, File(path)) for path in sorted(folder.glob("*.onnx"))]
    missing = []
    with torch.no_grad():
        for key, parameter in list(model.named_parameters()) + list(model.named_buffers()):
            array = None
            for name, file in files:
                keys = [key]
                if name.startswith("encoder"):
                    if "decoder" in key:
                        continue
                    keys.append(re.sub(r"^(model\.)?encoder\.", "", key))
                for candidate in keys + [key.replace("shared", "embed_tokens"), key.replace("model.shared", "embed_tokens")]:
                    array = file.parameter(candidate) if array is None else array
            if array is None or array.size != parameter.numel():
                missing.append(key)
                continue
            parameter.copy_(torch.from_numpy(np.array(array)).reshape(parameter.shape))
    return model, reference, missing


def inputs(reference):
    ids = {"input_ids": torch.tensor([reference["input_ids"]])}
    if "decoder_input_ids" in reference:
        ids["decoder_input_ids"] = torch.tensor([reference["decoder_input_ids"]])
    return ids


class Hooks:
    """First input and output of every module, by its name."""

    def __init__(self, model):
        self.took, self.gave, self.rotated = {}, {}, []
        for name, module in model.named_modules():
            module.register_forward_hook(self.hook(name), with_kwargs=True)

    def hook(self, name):
        def run(_module, args, kwargs, output):
            first = args[0] if args else kwargs.get("hidden_states")
            if torch.is_tensor(first):
                self.took[name] = first.detach()
            if torch.is_tensor(output):
                self.gave[name] = output.detach()

        return run


def heads(tensor, count):
    """[1, T, H·D] as [H, T, D]."""
    _, tokens, width = tensor.shape
    return tensor.reshape(tokens, count, width // count).transpose(0, 1)


def parts(model, family, hooks):
    """Attentions and blocks as (kind, layer, ...) with the modules' names."""
    took, gave, config = hooks.took, hooks.gave, model.config
    attentions, blocks = [], []

    def attention(kind, layer, q, k, v, out, count, norm, stream, after):
        # stream: what it adds to. after: the norm of the sum (post-norm) by its module's name, or the sum.
        attentions.append(dict(kind=kind, layer=layer, query=q, key=k, value=v, out=out, heads=count, norm=norm, stream=stream, after=after))

    if family == "bert":
        for i in range(config.num_hidden_layers):
            base = f"bert.encoder.layer.{i}"
            own = f"{base}.attention.self"
            count = config.num_attention_heads
            attention("encoder", i, *(heads(gave[f"{own}.{part}"], count) for part in ("query", "key", "value")), f"{base}.attention.output.dense", count, None, took[own], f"{base}.attention.output.LayerNorm")
            blocks.append(("encoder", i, f"{base}.output.dense", took[f"{base}.attention.self"], gave[f"{base}.output.LayerNorm"]))
    if family == "gpt2":
        for i in range(config.n_layer):
            base = f"transformer.h.{i}"
            q, k, v = (heads(part, config.n_head) for part in gave[f"{base}.attn.c_attn"].split(config.n_embd, dim=2))
            attention("decoder", i, q, k, v, f"{base}.attn.c_proj", config.n_head, f"{base}.ln_1", took[f"{base}.ln_1"], took[f"{base}.ln_2"])
            after = took[f"transformer.h.{i + 1}.ln_1"] if i + 1 < config.n_layer else took["transformer.ln_f"]
            blocks.append(("decoder", i, f"{base}.mlp.c_proj", took[f"{base}.ln_1"], after))
    if family == "llama":
        count, groups = config.num_attention_heads, config.num_key_value_heads
        for i in range(config.num_hidden_layers):
            base = f"model.layers.{i}"
            q, k = hooks.rotated[i]
            v = heads(gave[f"{base}.self_attn.v_proj"], groups).repeat_interleave(count // groups, dim=0)
            attention("decoder", i, q[0], k[0].repeat_interleave(count // groups, dim=0), v, f"{base}.self_attn.o_proj", count, f"{base}.input_layernorm", took[f"{base}.input_layernorm"], took[f"{base}.post_attention_layernorm"])
            after = took[f"model.layers.{i + 1}.input_layernorm"] if i + 1 < config.num_hidden_layers else took["model.norm"]
            blocks.append(("decoder", i, f"{base}.mlp.down_proj", took[f"{base}.input_layernorm"], after))
    if family in ("marian", "bart"):
        for stack, layers, count in (("encoder", config.encoder_layers, config.encoder_attention_heads), ("decoder", config.decoder_layers, config.decoder_attention_heads)):
            for i in range(layers):
                base = f"model.{stack}.layers.{i}"
                for kind, name in ((stack, "self_attn"), ("cross", "encoder_attn")):
                    if f"{base}.{name}.q_proj" in gave:
                        stream = took[f"{base}.self_attn.q_proj"] if kind == stack else gave[f"{base}.self_attn_layer_norm"]
                        attention(kind, i, *(heads(gave[f"{base}.{name}.{part}_proj"], count) for part in "qkv"), f"{base}.{name}.out_proj", count, None, stream, f"{base}.{name}_layer_norm")
                blocks.append((stack, i, f"{base}.fc2", took[f"{base}.self_attn.q_proj"], gave[f"{base}.final_layer_norm"]))
    if family == "t5":
        for stack, layers in (("encoder", config.num_layers), ("decoder", config.num_decoder_layers)):
            for i in range(layers):
                base = f"{stack}.block.{i}"
                names = [(stack, "layer.0", "SelfAttention")] + ([("cross", "layer.1", "EncDecAttention")] if stack == "decoder" else [])
                for kind, layer, name in names:
                    own = f"{base}.{layer}.{name}"
                    following = f"{base}.layer.{int(layer[-1]) + 1}.layer_norm"
                    attention(kind, i, *(heads(gave[f"{own}.{part}"], config.num_heads) for part in "qkv"), f"{own}.o", config.num_heads, f"{base}.{layer}.layer_norm", took[f"{base}.{layer}.layer_norm"], took[following])
                after = took[f"{stack}.block.{i + 1}.layer.0.layer_norm"] if i + 1 < layers else took[f"{stack}.final_layer_norm"]
                dense = f"{base}.layer.{2 if stack == 'decoder' else 1}.DenseReluDense.wo"
                blocks.append((stack, i, dense, took[f"{base}.layer.0.layer_norm"], after))
    return attentions, blocks


def contribution(item, weights, modules, gave):
    """ALTI (Ferrando et al. 2022): shares of keys in each row, then the stream's own: [queries, keys + 1]; a key's own stream counts to it.

    The norm of the sum, where there is one, is put on each summand with the deviation that it has in this run.
    """
    out, after = modules[item["out"]], item["after"]
    weight = projection(out).reshape(item["heads"], -1, projection(out).shape[1]).detach().double()
    values, stream = item["value"].double(), item["stream"].reshape(-1, item["stream"].shape[-1]).double()
    moved = torch.einsum("hqk,hkd,hdm->qkm", weights.double(), values, weight)
    bias = 0 if out.bias is None else out.bias.detach().double()
    if isinstance(after, str):
        norm, result = modules[after], gave[after].reshape(stream.shape).double()
        total = moved.sum(1) + bias + stream
        deviation = torch.sqrt(total.var(-1, unbiased=False, keepdim=True) + norm.eps)
        held = lambda x, s: (x - x.mean(-1, keepdim=True)) / s * norm.weight.detach().double()
        assert float((held(total, deviation) + norm.bias.detach().double() - result).abs().max()) < 1e-4, "the norm holds"
        moved, stream = held(moved, deviation[:, None]), held(stream, deviation)
    else:
        result = after.reshape(stream.shape).double()
        assert float((moved.sum(1) + bias + stream - result).abs().max()) < 1e-4, "the sum holds"
    size = result.abs().sum(-1)
    near = lambda part: torch.clamp(size - (result - part).abs().sum(-1), min=0)
    if item["kind"] == "cross":
        shares = torch.stack([near(moved[:, j]) for j in range(moved.shape[1])] + [near(stream)], -1)
    else:
        columns = []
        for j in range(moved.shape[1]):
            share = moved[:, j].clone()
            share[j] += stream[j]
            columns.append(near(share))
        shares = torch.stack(columns + [torch.zeros(len(stream), dtype=torch.double)], -1)
    return (shares / shares.sum(-1, keepdim=True)).numpy()


def packed(array):
    array = np.ascontiguousarray(array, dtype="<f4")
    return {"shape": list(array.shape), "data": base64.b64encode(array.tobytes()).decode()}


def projection(module):
    """A projection's weight as [features in, features out]."""
    return module.weight if type(module).__name__ == "Conv1D" else module.weight.T


def unembed(model, family, stream):
    """The model's own last norm and unembedding."""
    if family == "bert":
        return model.cls(stream)
    if family == "gpt2":
        return model.lm_head(model.transformer.ln_f(stream))
    if family == "llama":
        return model.lm_head(model.model.norm(stream))
    if family == "t5":
        return model.lm_head(model.decoder.final_layer_norm(stream) * model.config.d_model**-0.5)
    return model.lm_head(stream) + model.final_logits_bias


def write(name):
    folder = FIXTURES / name
    model, reference, missing = build(folder)
    family = reference["model_type"]
    # What a tied or unused parameter is called twice, and tables of positions that the model computes.
    unknown = [key for key in missing if not re.search(r"position_ids|inv_freq|token_type_ids|lm_head|decoder\.bias|embed_tokens|embed_positions|cls\.predictions\.decoder|final_logits_bias|attn\.(masked_)?bias|shared", key)]
    if unknown:
        raise SystemExit(f"{name}: not found in the file: {unknown}")
    hooks = Hooks(model)
    if family == "llama":
        from transformers.models.llama import modeling_llama

        plain = modeling_llama.apply_rotary_pos_emb

        def recorded(*args, **kwargs):
            hooks.rotated.append(plain(*args, **kwargs))
            return hooks.rotated[-1]

        modeling_llama.apply_rotary_pos_emb = recorded
    with torch.no_grad():
        given = model(**inputs(reference), use_cache=False, output_attentions=True)
        logits = given.logits[0, -1]
        maps = {
            "encoder": getattr(given, "encoder_attentions", None) or given.get("attentions"),
            "decoder": getattr(given, "decoder_attentions", None) or given.get("attentions"),
            "cross": getattr(given, "cross_attentions", None),
        }
        if family == "llama":
            modeling_llama.apply_rotary_pos_emb = plain
        distance = float((logits - torch.tensor(reference["logits_last"]["data"])).abs().max())
        if not distance < 2e-5:
            raise SystemExit(f"{name}: logits are {distance} off the reference; missing {missing}")
        attentions, blocks = parts(model, family, hooks)
        modules = dict(model.named_modules())
        stages, norms, alti = [], [], []

        def stage(measure, kind, layer, tensor):
            stages.append({"measure": measure, "kind": kind, "layer": layer, **packed(tensor.numpy())})

        for item in attentions:
            kind, layer, count, out = item["kind"], item["layer"], item["heads"], item["out"]
            query, key, value = item["query"], item["key"], item["value"]
            scale = 1.0 if family == "t5" else query.shape[-1] ** -0.5
            for measure, tensor in (("query", query), ("key", key), ("value", value)):
                stage(measure, kind, layer, tensor)
            stage("scores", kind, layer, query @ key.transpose(1, 2) * scale)
            stage("headOutput", kind, layer, heads(hooks.took[out], count))
            stage("attentionOutput", kind, layer, hooks.gave[out][0])
            if item["norm"]:
                stage("attentionNorm", kind, layer, hooks.gave[item["norm"]][0])
            weight = projection(modules[out]).reshape(count, -1, modules[out].weight.shape[1 if type(modules[out]).__name__ == "Conv1D" else 0])
            moved = np.linalg.norm(np.einsum("hkd,hdm->hkm", value.numpy().astype("f8"), weight.numpy().astype("f8")), axis=-1)
            norms.append({"kind": kind, "layer": layer, **packed(moved)})
            alti.append({"kind": kind, "layer": layer, **packed(contribution(item, maps[kind][layer][0], modules, hooks.gave))})
        for stack, layer, outer, before, after in blocks:
            stage("streamBefore", stack, layer, before.reshape(-1, before.shape[-1]))
            stage("feedForwardInner", stack, layer, hooks.took[outer].reshape(-1, hooks.took[outer].shape[-1]))
            stage("feedForwardOutput", stack, layer, hooks.gave[outer].reshape(-1, hooks.gave[outer].shape[-1]))
            stage("streamAfter", stack, layer, after.reshape(-1, after.shape[-1]))
        last = blocks[-1][0]
        own = [block for block in blocks if block[0] == last]
        streams = [(-1, own[0][3])] + [(layer, after) for _, layer, _, _, after in own]
        lens = [{"layer": layer, **packed(unembed(model, family, stream).reshape(-1, logits.shape[0])[-1].numpy())} for layer, stream in streams]

        off, handles = {}, []
        for kind in dict.fromkeys(item["kind"] for item in attentions):
            chosen = [item for item in attentions if item["kind"] == kind]
            off[kind] = [[0, 1], [len(chosen) - 1, 2]]
            for layer, head in off[kind]:
                item = chosen[layer]

                def silence(_module, args, head=head, count=item["heads"]):
                    joined = args[0].clone()
                    size = joined.shape[-1] // count
                    joined[..., head * size : (head + 1) * size] = 0
                    return (joined, *args[1:])

                handles.append(modules[item["out"]].register_forward_pre_hook(silence))
        silenced = model(**inputs(reference), use_cache=False).logits[0, -1]
        assert float((silenced - logits).abs().max()) > 1e-3, "heads that are off must matter"
    result = {"stages": stages, "norms": norms, "contributions": alti, "lens": lens, "off": {"gates": off, "logits": packed(silenced.numpy())}}
    WRITTEN.mkdir(exist_ok=True)
    written = WRITTEN / f"{name}.json"
    written.write_text(json.dumps(result) + "\n")
    print(f"{name}: {len(stages)} stages, logits {distance:.1e} off, {written.stat().st_size} bytes")


def unpacked(file, node):
    """A quantised projection's weight as [features in, features out]: int8 with a zero point, or blocks of 4 bits (MatMulNBits)."""
    if node.op_type == "MatMulInteger":
        weight, zero = file.tensor(node.input[1]), file.tensor(node.input[3])
        scale = file.tensor(node.input[1].replace("_quantized", "_scale"))
        return (weight.astype("f8") - zero.astype("f8")) * scale.astype("f8")
    block, rows, columns = (next(a.i for a in node.attribute if a.name == key) for key in ("block_size", "K", "N"))
    packed_bytes, scales = file.tensor(node.input[1]), file.tensor(node.input[2])
    nibbles = np.stack([packed_bytes & 15, packed_bytes >> 4], axis=-1).reshape(columns, -1, block).astype("f8")
    return ((nibbles - 8) * scales.reshape(columns, -1, 1)).reshape(columns, -1)[:, :rows].T


QUANTISED = {
    "quantized-bert": ("encoder", "/bert/encoder/layer.{}/attention/self/Transpose_1_output_0", "/bert/encoder/layer.{}/attention/output/dense/MatMul"),
    "q4-llama": ("decoder", "/model/layers.{}/self_attn/Reshape_6_output_0", "/model/layers.{}/self_attn/o_proj/MatMul"),
}


def write_quantised(name):
    import onnxruntime

    kind, values, products = QUANTISED[name]
    folder = FIXTURES / name
    reference, config = (json.loads((folder / file).read_text()) for file in ("reference.json", "config.json"))
    model, file = onnx.load(str(folder / "model.onnx")), File(folder / "model.onnx")
    layers, count = config["num_hidden_layers"], config["num_attention_heads"]
    model.graph.output.extend(onnx.ValueInfoProto(name=values.format(i)) for i in range(layers))
    # Products of eight-bit integers overflow in native ONNX Runtime on some processors; ONNX's own evaluator counts them out.
    if any(node.op_type == "MatMulInteger" for node in model.graph.node):
        model.opset_import[0].version = 19  # the first that the evaluator knows every operator of; they mean the same in 18
        session = onnx.reference.ReferenceEvaluator(model)
        names = session.input_names
    else:
        session = onnxruntime.InferenceSession(model.SerializeToString())
        names = [item.name for item in session.get_inputs()]
    ids = np.array([reference["input_ids"]], dtype="i8")
    feeds = {}
    for item in names:
        if item.startswith("past"):
            feeds[item] = np.zeros([1, config["num_key_value_heads"], 0, config["hidden_size"] // count], dtype="f4")
        else:
            feeds[item] = {"attention_mask": np.ones_like(ids), "position_ids": np.arange(ids.shape[1])[None], "token_type_ids": np.zeros_like(ids)}.get(item, ids)
    norms = []
    for i in range(layers):
        node = next(n for n in model.graph.node if n.name.startswith(products.format(i)) and n.op_type in ("MatMulInteger", "MatMulNBits"))
        value = session.run([values.format(i)], feeds)[0][0].astype("f8")
        weight = unpacked(file, node).reshape(count, value.shape[-1], -1)
        norms.append({"kind": kind, "layer": i, **packed(np.linalg.norm(np.einsum("hkd,hdm->hkm", value, weight), axis=-1))})
    (WRITTEN / f"{name}.json").write_text(json.dumps({"norms": norms}) + "\n")
    print(f"{name}: norms of {layers} layers")


if __name__ == "__main__":
    for fixture in sys.argv[1:] or [*NAMES, *QUANTISED]:
        (write_quantised if fixture in QUANTISED else write)(fixture)
