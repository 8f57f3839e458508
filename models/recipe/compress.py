"""float32 export -> what ships: weights stored small, computed in float32.

fp16  matrices as float16, each followed by Cast to float32, which runtimes fold when they load;
      the encoder's embeddings, which are only looked up, as int8 with a scale a row after the lookup.
int8  matrices as int8 with a scale an output channel, each followed by Cast and Mul, which runtimes fold likewise
      (DequantizeLinear they do not, to keep integer arithmetic possible: it would be done again at every step).

Both are right on WebAssembly and WebGPU alike (no float16 arithmetic, no integer products).
"""

import argparse
import shutil
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SMALL = 4096            # values: smaller tensors stay float32
SCALE = ".scale"


def graphs(graph: onnx.GraphProto):
    """The graphs that hold nodes which compute: the branches of an If, or else the graph itself."""
    inner = [a.g for n in graph.node for a in n.attribute if a.type == onnx.AttributeProto.GRAPH]
    return [g for i in inner for g in graphs(i)] or [graph]


def rows_int8(value: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric int8 and one float32 scale for each index of `axis`."""
    scale = np.abs(value).max(1 - axis, keepdims=True) / 127
    scale = np.where(scale == 0, 1, scale).astype(np.float32)
    return np.rint(value / scale).clip(-127, 127).astype(np.int8), scale


def substitute(graph: onnx.GraphProto, name: str, new: str, *nodes) -> None:
    """In every branch that uses `name`: add `nodes` in front, and read `new` instead."""
    for g in graphs(graph):
        users = [(n, i) for n in g.node for i, used in enumerate(n.input) if used == name]
        if not users:
            continue
        for n, i in users:
            n.input[i] = new
        for node in reversed(nodes):
            front = onnx.NodeProto()
            front.CopyFrom(node)
            front.name = f"/{g.name}/{name}/{node.op_type}"
            g.node.insert(0, front)


def lookup(graph: onnx.GraphProto, name: str, kept: dict) -> bool:
    """int8 rows and scales for a table that is only looked up; False where it is used otherwise."""
    users = [n for g in graphs(graph) for n in g.node if name in n.input]
    if len(graphs(graph)) > 1 or len(users) != 1 or users[0].op_type != "Gather":
        return False
    user, table = users[0], numpy_helper.to_array(kept[name])
    rows, scale = rows_int8(table, 0)
    kept[name] = numpy_helper.from_array(rows, name)
    kept[name + SCALE] = numpy_helper.from_array(scale, name + SCALE)
    out, base = user.output[0], user.name
    user.output[0] = base + "_int8"
    nodes = [helper.make_node("Cast", [base + "_int8"], [base + "_cast"], name=base + "/Cast", to=TensorProto.FLOAT),
             helper.make_node("Gather", [name + SCALE, user.input[1]], [base + "_scale"], name=base + "/Scale"),
             helper.make_node("Mul", [base + "_cast", base + "_scale"], [out], name=base + "/Mul")]
    at = list(graph.node).index(user) + 1
    for node in reversed(nodes):
        graph.node.insert(at, node)
    return True


def compress(model: onnx.ModelProto, kind: str) -> onnx.ModelProto:
    graph = model.graph
    kept = {i.name: i for i in graph.initializer}
    for name, tensor in list(kept.items()):
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < SMALL or len(tensor.dims) != 2:
            continue
        if "shared" in name and lookup(graph, name, kept):
            continue
        value, new = numpy_helper.to_array(tensor), name + ".float32"
        if kind == "fp16" or "embed_positions" in name:
            kept[name] = numpy_helper.from_array(value.astype(np.float16), name)
            substitute(graph, name, new, helper.make_node("Cast", [name], [new], to=TensorProto.FLOAT))
        else:
            axis = 0 if "shared" in name else 1
            small, scale = rows_int8(value, axis)
            kept[name] = numpy_helper.from_array(small, name)
            kept[name + SCALE] = numpy_helper.from_array(scale, name + SCALE)
            substitute(graph, name, new, helper.make_node("Cast", [name], [name + ".cast"], to=TensorProto.FLOAT),
                       helper.make_node("Mul", [name + ".cast", name + SCALE], [new]))
    del graph.initializer[:]
    graph.initializer.extend(kept[n] for n in sorted(kept))
    onnx.checker.check_model(model)
    return model


def floats(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """The weights as float32 again, whatever they are stored as."""
    values = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    out = {}
    for name, value in values.items():
        if value.dtype == np.int8:
            out[name] = value.astype(np.float32) * values[name + SCALE]
        elif value.dtype in (np.float16, np.float32) and not name.endswith(SCALE):
            out[name] = value.astype(np.float32)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="folder of a float32 export")
    parser.add_argument("out", type=Path)
    parser.add_argument("--kind", choices=("fp16", "int8"), default="fp16")
    a = parser.parse_args()
    (a.out / "onnx").mkdir(parents=True, exist_ok=True)
    for path in a.model.glob("*.json"):
        shutil.copyfile(path, a.out / path.name)
    for path in (a.model / "onnx").glob("*.onnx"):
        onnx.save(compress(onnx.load(path), a.kind), a.out / "onnx" / path.name)
    size = sum(p.stat().st_size for p in a.out.rglob("*") if p.suffix in (".json", ".onnx"))
    print(f"{a.kind}: {size / 1e6:.2f} MB in all")


if __name__ == "__main__":
    main()
