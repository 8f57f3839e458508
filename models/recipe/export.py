"""Weights -> the Hugging Face ONNX layout, written node by node.

in:  a checkpoint (.pt), <work>/tokenizer.json
out: config.json, generation_config.json, tokenizer.json, tokenizer_config.json,
     onnx/encoder_model.onnx, onnx/decoder_model_merged.onnx (float32)

Names of inputs, outputs and branches are those of Optimum's Marian export.  Attention is
MatMul -> Mul (scale) -> Add (mask) -> Softmax -> MatMul; weights keep their Marian names, [in, out].
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

import paths
from model import POSITIONS, configuration, sinusoids

OPSET, IR = 18, 9
MASKED = -1e9
FLOAT, INT, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


class Graph:
    """Nodes of one graph; weights are shared by the branches that are built on the same `weights`."""

    def __init__(self, weights: dict, scope: str = ""):
        self.weights, self.nodes, self.scope, self.used = weights, [], scope, set()

    def __call__(self, op: str, *inputs: str, name: str = "", out: str = "", outputs: int = 1, **attributes):
        base = name or f"{self.scope}/{op}_{len(self.nodes)}"
        outs = [out] if out else [f"{base}_output_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), outs, name=base, **attributes))
        return outs[0] if outputs == 1 else outs

    def weight(self, name: str, value=None) -> str:
        if value is not None and name not in self.weights:
            self.weights[name] = np.ascontiguousarray(value)
        self.used.add(name)
        return name

    def constant(self, *values: int) -> str:
        return self.weight("constant_" + "_".join(map(str, values)), np.array(values, np.int64))

    def scalar(self, value, kind=np.float32) -> str:
        return self.weight(f"scalar_{np.dtype(kind).name}_{value}", np.array(value, kind))

    def linear(self, x: str, name: str) -> str:
        """x [.., in] @ weight [in, out] + bias."""
        y = self("MatMul", x, self.weight(name + ".weight"), name=f"{self.scope}/{name}/MatMul")
        return self("Add", y, self.weight(name + ".bias"), name=f"{self.scope}/{name}/Add")

    def norm(self, x: str, y: str, name: str) -> str:
        z = self("Add", x, y, name=f"{self.scope}/{name}/Residual")
        return self("LayerNormalization", z, self.weight(name + ".weight"), self.weight(name + ".bias"),
                    name=f"{self.scope}/{name}/LayerNormalization", axis=-1, epsilon=1e-5)


class Exporter:
    def __init__(self, c: dict, state: dict):
        self.c, self.D = c, c["d"] // c["heads"]
        self.state = {k: v.float().cpu().numpy() for k, v in state.items()}

    def weights(self, half: str) -> dict:
        """Matrices turned to [in, out]; the shared embedding stays [vocabulary, d]."""
        out = {"model.shared.weight": self.state["model.shared.weight"],
               f"model.{half}.embed_positions.weight": sinusoids(POSITIONS, self.c["d"]).numpy()}
        for name, value in self.state.items():
            if name.startswith(f"model.{half}."):
                out[name] = np.ascontiguousarray(value.T) if value.ndim == 2 else value
        return out

    def split(self, g: Graph, x: str) -> str:
        """[b, n, d] -> [b, heads, n, D]."""
        return g("Transpose", g("Reshape", x, g.constant(0, 0, self.c["heads"], self.D)), perm=[0, 2, 1, 3])

    def attend(self, g: Graph, name: str, q: str, k: str, v: str, mask: str) -> str:
        """q [b, h, n, D], k and v [b, h, m, D], mask added to [b, h, n, m] -> [b, n, d]."""
        s = f"{g.scope}/{name}"
        scores = g("MatMul", q, g("Transpose", k, perm=[0, 1, 3, 2]), name=s + "/MatMul")
        scores = g("Add", g("Mul", scores, g.scalar(self.D ** -0.5), name=s + "/Mul"), mask, name=s + "/Add")
        p = g("Softmax", scores, axis=-1, name=s + "/Softmax")
        y = g("Transpose", g("MatMul", p, v, name=s + "/MatMul_1"), perm=[0, 2, 1, 3])
        return g.linear(g("Reshape", y, g.constant(0, 0, self.c["d"])), name + ".out_proj")

    def feed(self, g: Graph, x: str, layer: str) -> str:
        y = g("Relu", g.linear(x, layer + ".fc1"), name=f"{g.scope}/{layer}/Relu")
        return g.norm(x, g.linear(y, layer + ".fc2"), layer + ".final_layer_norm")

    def embed(self, g: Graph, half: str, positions: str) -> str:
        """positions [n] -> [b, n, d]."""
        words = g("Gather", g.weight("model.shared.weight"), "input_ids", name=f"{g.scope}/embed_tokens/Gather")
        words = g("Mul", words, g.scalar(math.sqrt(self.c["d"])))
        row = g("Unsqueeze", positions, g.constant(0))
        where = g("Gather", g.weight(f"model.{half}.embed_positions.weight"), row,
                  name=f"{g.scope}/embed_positions/Gather")
        return g("Add", words, where)

    def length(self, g: Graph, x: str, axis: int) -> str:
        """Size of an axis, as a scalar."""
        return g("Squeeze", g("Shape", x, start=axis, end=axis + 1))

    def count(self, g: Graph, start: str, end: str) -> str:
        return g("Range", start, end, g.scalar(1, np.int64))

    def hide(self, g: Graph, mask: str) -> str:
        """int64 [b, m], 1 where seen -> float [b, 1, 1, m], 0 or MASKED."""
        hidden = g("Mul", g("Sub", g.scalar(1.0), g("Cast", mask, to=FLOAT)), g.scalar(MASKED))
        return g("Unsqueeze", hidden, g.constant(1, 2))

    def encoder(self) -> onnx.ModelProto:
        g = Graph(self.weights("encoder"))
        x = self.embed(g, "encoder", self.count(g, g.scalar(0, np.int64), self.length(g, "input_ids", 1)))
        mask = self.hide(g, "attention_mask")
        for i in range(self.c["encoder"]):
            layer = f"model.encoder.layers.{i}"
            a = layer + ".self_attn"
            q, k, v = (self.split(g, g.linear(x, f"{a}.{n}_proj")) for n in "qkv")
            x = g.norm(x, self.attend(g, a, q, k, v, mask), a + "_layer_norm")
            x = self.feed(g, x, layer)
        g("Identity", x, out="last_hidden_state")
        shape = ["batch_size", "encoder_sequence_length"]
        return self.model(g, "encoder", [("input_ids", INT, shape), ("attention_mask", INT, shape)],
                          [("last_hidden_state", FLOAT, [*shape, self.c["d"]])])

    def caches(self, i: int) -> list[tuple[str, list]]:
        """Names and shapes of layer i's keys and values, without past_key_values. or present. before them."""
        b, h = "batch_size", self.c["heads"]
        return [(f"{i}.{side}.{part}", [b, h, length, self.D])
                for side, length in (("decoder", "{}decoder_sequence_length"), ("encoder", "encoder_sequence_length"))
                for part in ("key", "value")]

    def branch(self, weights: dict, past: bool) -> tuple[Graph, onnx.GraphProto]:
        g = Graph(weights, "/with_past" if past else "/no_past")
        zero = g.scalar(0, np.int64)
        before = self.length(g, "past_key_values.0.decoder.key", 2) if past else zero
        end = g("Add", before, self.length(g, "input_ids", 1))
        positions = self.count(g, before, end)
        x = self.embed(g, "decoder", positions)
        later = g("Greater", g("Unsqueeze", self.count(g, zero, end), g.constant(0)),
                  g("Unsqueeze", positions, g.constant(1)))
        causal = g("Mul", g("Cast", later, to=FLOAT), g.scalar(MASKED))                 # [n, m]
        mask = self.hide(g, "encoder_attention_mask")
        for i in range(self.c["decoder"]):
            layer = f"model.decoder.layers.{i}"
            a = layer + ".self_attn"
            q, k, v = (self.split(g, g.linear(x, f"{a}.{n}_proj")) for n in "qkv")
            if past:
                k = g("Concat", f"past_key_values.{i}.decoder.key", k, axis=2)
                v = g("Concat", f"past_key_values.{i}.decoder.value", v, axis=2)
            x = g.norm(x, self.attend(g, a, q, k, v, causal), a + "_layer_norm")
            c = layer + ".encoder_attn"
            q = self.split(g, g.linear(x, c + ".q_proj"))
            if past:
                ck, cv = f"past_key_values.{i}.encoder.key", f"past_key_values.{i}.encoder.value"
            else:
                ck, cv = (self.split(g, g.linear("encoder_hidden_states", f"{c}.{n}_proj")) for n in "kv")
            x = g.norm(x, self.attend(g, c, q, ck, cv, mask), c + "_layer_norm")
            x = self.feed(g, x, layer)
            for (name, _), value in zip(self.caches(i), (k, v, ck, cv)):
                g("Identity", value, out="present." + name)
        g("MatMul", x, g("Transpose", g.weight("model.shared.weight"), perm=[1, 0]), out="logits",
          name=g.scope + "/lm_head/MatMul")
        outputs = [helper.make_tensor_value_info(*v) for v in self.decoder_outputs()]
        return g, helper.make_graph(g.nodes, "with_past" if past else "no_past", [], outputs)

    def decoder_outputs(self):
        whole = "past_decoder_sequence_length + {}"
        return [("logits", FLOAT, ["batch_size", "decoder_sequence_length", self.c["vocabulary"]])] + [
            ("present." + n, FLOAT, [whole.format("decoder_sequence_length") if "{}" in str(d) else d for d in s])
            for i in range(self.c["decoder"]) for n, s in self.caches(i)]

    def decoder(self) -> onnx.ModelProto:
        weights = self.weights("decoder")
        first, no_past = self.branch(weights, False)
        later, with_past = self.branch(weights, True)
        g = Graph(weights)
        g.used = first.used | later.used
        outputs = self.decoder_outputs()
        g.nodes.append(helper.make_node("If", ["use_cache_branch"], [o[0] for o in outputs], name="optimum::if",
                                        then_branch=with_past, else_branch=no_past))
        b, m = "batch_size", "encoder_sequence_length"
        inputs = [("encoder_attention_mask", INT, [b, m]), ("input_ids", INT, [b, "decoder_sequence_length"]),
                  ("encoder_hidden_states", FLOAT, [b, m, self.c["d"]])]
        inputs += [("past_key_values." + n, FLOAT, [d.format("past_") if isinstance(d, str) else d for d in s])
                   for i in range(self.c["decoder"]) for n, s in self.caches(i)]
        return self.model(g, "decoder", inputs + [("use_cache_branch", BOOL, [1])], outputs)

    def model(self, g: Graph, name: str, inputs: list, outputs: list) -> onnx.ModelProto:
        values = [numpy_helper.from_array(g.weights[n], n) for n in sorted(g.used)]
        graph = helper.make_graph(g.nodes, name, [helper.make_tensor_value_info(*v) for v in inputs],
                                  [helper.make_tensor_value_info(*v) for v in outputs], values)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR,
                                  producer_name="explain-attention")
        onnx.checker.check_model(model)
        return model


def hugging_face(c: dict, aligned: list | None = None) -> tuple[dict, dict]:
    """config.json and generation_config.json; aligned: [layer, head] of the cross-attention trained to align."""
    pad = c["vocabulary"] - 1
    ids = dict(decoder_start_token_id=pad, eos_token_id=0, forced_eos_token_id=0, pad_token_id=pad)
    config = dict(
        architectures=["MarianMTModel"], model_type="marian", is_encoder_decoder=True, activation_function="relu",
        d_model=c["d"], encoder_layers=c["encoder"], decoder_layers=c["decoder"], num_hidden_layers=c["encoder"],
        encoder_attention_heads=c["heads"], decoder_attention_heads=c["heads"],
        encoder_ffn_dim=c["ff"], decoder_ffn_dim=c["ff"], dropout=0.0, attention_dropout=0.0, activation_dropout=0.0,
        encoder_layerdrop=0.0, decoder_layerdrop=0.0, init_std=0.02, max_position_embeddings=POSITIONS,
        scale_embedding=True, share_encoder_decoder_embeddings=True, tie_word_embeddings=True,
        static_position_embeddings=True, normalize_before=False, normalize_embedding=False, add_final_layer_norm=False,
        use_cache=True, vocab_size=c["vocabulary"], decoder_vocab_size=c["vocabulary"], dtype="float32", **ids)
    named = {"alignment_heads": [aligned]} if aligned else {}
    return config, dict(**ids, **named, bad_words_ids=[[pad]], max_length=POSITIONS, num_beams=1)


TOKENIZER = dict(tokenizer_class="PreTrainedTokenizerFast", eos_token="</s>", unk_token="<unk>", pad_token="<pad>",
                 model_max_length=POSITIONS, clean_up_tokenization_spaces=False)


def weights_of(path: Path) -> tuple[dict, dict]:
    """Shape and float32 weights, in Marian's names, of a checkpoint or of an exported folder (any compression)."""
    if path.is_file():
        content = torch.load(path, weights_only=True, map_location="cpu")
        return content["configuration"], content.get("average", content["model"])
    from compress import floats
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    c = configuration(config["vocab_size"], config["d_model"], config["encoder_ffn_dim"],
                      config["encoder_attention_heads"], config["encoder_layers"], config["decoder_layers"])
    state = {}
    for file in ("encoder_model", "decoder_model_merged"):
        for name, value in floats(onnx.load(path / "onnx" / f"{file}.onnx")).items():
            if name.startswith("model.") and "embed_positions" not in name:
                turned = value.T if value.ndim == 2 and "shared" not in name else value
                state[name] = torch.from_numpy(np.array(turned, np.float32, order="C"))
    return c, state


def marian(c: dict, state: dict):
    """The same model as transformers' MarianMTModel, eager attention."""
    from transformers import MarianConfig, MarianMTModel
    config = MarianConfig(**hugging_face(c)[0], attn_implementation="eager")
    model = MarianMTModel(config).eval()
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected:
        raise SystemExit(f"not in MarianMTModel: {unexpected}")
    model.tie_weights()
    return model


def export(c: dict, state: dict, tokenizer: Path, out: Path, aligned: list | None = None) -> None:
    (out / "onnx").mkdir(parents=True, exist_ok=True)
    exporter = Exporter(c, state)
    onnx.save(exporter.encoder(), out / "onnx" / "encoder_model.onnx")
    onnx.save(exporter.decoder(), out / "onnx" / "decoder_model_merged.onnx")
    config, generation = hugging_face(c, aligned)
    for name, content in (("config", config), ("generation_config", generation), ("tokenizer_config", TOKENIZER)):
        (out / f"{name}.json").write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    content = json.loads(tokenizer.read_text(encoding="utf-8"))
    (out / "tokenizer.json").write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--work", type=Path, default=paths.WORK)
    parser.add_argument("--aligned", default="1:0", help="layer:head that was guided; empty: none")
    a = parser.parse_args()
    export(*weights_of(a.checkpoint), a.work / "tokenizer.json", a.out,
           [int(n) for n in a.aligned.split(":")] if a.aligned else None)


if __name__ == "__main__":
    main()
