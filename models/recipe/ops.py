"""The four operations that training time goes into, over packed sentences.

Sentences are laid end to end: x [tokens, d].  `at` int32 [sentences + 1] says
where each begins; tokens from at[-1] on are filler (they make shapes constant).
On a CPU with a C++ compiler the kernels of kernels.cpp are used, in bfloat16 or
float32 (which of them: quickest()); anywhere else plain PyTorch, which says the same.
"""

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

FLAGS = ["-O3", "-march=native", "-ffast-math", "-fopenmp", "-shared", "-fPIC"]


ELEMENTS = {torch.bfloat16: "bf16", torch.float32: "float"}


CPU = Path("/proc/cpuinfo").read_bytes() if Path("/proc/cpuinfo").exists() else b""
AMD = b"AuthenticAMD" in CPU


def mm(a, b, out=None):
    """a @ b without gradient.  In float32 on AMD's processors by numpy's OpenBLAS: half as quick again as PyTorch's MKL."""
    if not (AMD and a.device.type == "cpu" and a.dtype == torch.float32):
        return torch.matmul(a, b, out=out)
    a, b = a.detach().numpy(), b.detach().numpy()
    if out is None:
        return torch.from_numpy(np.matmul(a, b))
    np.matmul(a, b, out=out.numpy())
    return out


def _library(element: str):
    """Compile kernels.cpp once per content, type and machine; None where that is not possible."""
    source = Path(__file__).with_name("kernels.cpp")
    compiler = shutil.which("g++") or shutil.which("clang++")
    if not compiler or os.environ.get("EA_PLAIN"):
        return None
    flags = next((line for line in CPU.splitlines() if line.startswith(b"flags")), b"")
    name = element + "-" + hashlib.sha256(source.read_bytes() + flags).hexdigest()[:16]
    built = Path(tempfile.gettempdir()) / f"ea-kernels-{name}.so"
    if not built.exists():
        part = built.with_suffix(f".{os.getpid()}")
        if subprocess.run([compiler, *FLAGS, f"-DELEMENT={element}", str(source), "-o", str(part)]).returncode:
            return None
        part.replace(built)
    return ctypes.CDLL(str(built))


_libraries = {}


def _kernels(dtype):
    if dtype not in _libraries:
        _libraries[dtype] = _library(ELEMENTS[dtype]) if dtype in ELEMENTS else None
    return _libraries[dtype]


def quickest(device: str) -> torch.dtype:
    """bfloat16 where matrices multiply faster in it (AMX, AVX-512, GPUs), else float32: without such
    instructions bfloat16 is emulated, sixty times slower."""
    if device != "cpu":
        return torch.bfloat16
    def seconds(dtype):
        a, b = torch.ones(512, 256, dtype=dtype), torch.ones(256, 512, dtype=dtype)
        torch.mm(a, b)
        began = time.perf_counter()
        for _ in range(3):
            torch.mm(a, b)
        return time.perf_counter() - began
    return min((torch.float32, torch.bfloat16), key=seconds)


def _p(tensor, columns: int = 0):
    """Pointer to a tensor, `columns` elements on."""
    return None if tensor is None else ctypes.c_void_p(tensor.data_ptr() + columns * tensor.element_size())


def _l(tensor):
    return ctypes.c_int64(tensor.stride(0))


def fast(x: torch.Tensor) -> bool:
    return x.device.type == "cpu" and _kernels(x.dtype) is not None


class Guide:
    """Guided alignment of one head (Garg et al. 2019): links of each query row to keys.

    first int32 [tokens + 1], key int32 [links]: positions within the row's sentence.
    weight: of the sum over linked rows, in the loss.  loss: that sum, after the backward pass.
    """

    def __init__(self, first, key, head: int, weight: float):
        self.first, self.key, self.head, self.weight, self.loss = first, key, head, weight, 0.0


class Teach:
    """Heads that are taught to look at a neighbour: shift int32 [heads], how many tokens on (0: not taught).

    weight: of the sum over rows of -log(probability), in the loss.  loss: that sum, after the backward pass.
    """

    def __init__(self, shift, weight: float):
        self.shift, self.weight, self.loss = shift, weight, 0.0


class Price:
    """Keeps heads from resting on one token, whichever it is.

    weight: in the loss, of the probability on columns that take more than REST of their rows' weight on
    average (rows that see the column, FEWEST at least).  loss: the sum of these probabilities.
    seen: the weight on each sentence's and head's heaviest column, summed over rows; after the backward pass.
    """

    REST, FEWEST = 0.3, 8

    def __init__(self, weight: float):
        self.weight, self.loss, self.seen = weight, 0.0, 0.0


class _Linear(torch.autograd.Function):
    """relu?(x [n, i] @ concatenated weights [o, i] + biases): parameters float32, product in x's type."""

    @staticmethod
    def forward(context, x, relu, *parameters):
        half = len(parameters) // 2
        weight = torch.cat([w.to(x.dtype) for w in parameters[:half]]) if half > 1 else parameters[0].to(x.dtype)
        bias = torch.cat([b.to(x.dtype) for b in parameters[half:]]) if half > 1 else parameters[1].to(x.dtype)
        y = mm(x, weight.t())
        if not relu:
            y += bias
        if relu:
            _kernels(y.dtype).bias_relu(ctypes.c_int64(len(y)), y.shape[1], _p(y), _p(bias))
        context.save_for_backward(x, weight, y if relu else None)
        context.sizes = [len(w) for w in parameters[:half]]
        return y

    @staticmethod
    def backward(context, g):
        x, weight, y = context.saved_tensors
        g = g.contiguous()
        bias = torch.zeros(g.shape[1])
        n = ctypes.c_int64(len(g))
        if y is not None:
            _kernels(g.dtype).bias_relu_backward(n, g.shape[1], _p(g), _p(y), _p(bias))
        else:
            _kernels(g.dtype).column_sum(n, g.shape[1], _p(g), _p(bias))
        weights = mm(g.t(), x).float()
        return (mm(g, weight), None, *weights.split(context.sizes), *bias.split(context.sizes))


def linear(x, layers, relu: bool = False):
    """Several nn.Linear of one input as one product: [n, sum of outputs]."""
    if fast(x):
        return _Linear.apply(x, relu, *[l.weight for l in layers], *[l.bias for l in layers])
    y = F.linear(x, torch.cat([l.weight for l in layers]).to(x.dtype), torch.cat([l.bias for l in layers]).to(x.dtype))
    return F.relu(y) if relu else y


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(context, qs, kvs, at_q, at_k, heads, causal, extras, peak):
        d = kvs.shape[1] // (2 if qs is not None else 3)
        q, kv = (kvs, kvs[:, d:]) if qs is None else (qs, kvs)
        out = qs.new_zeros(len(q), d) if qs is not None else kvs.new_zeros(len(q), d)
        _kernels(kvs.dtype).attention_forward(len(at_q) - 1, heads, d // heads, int(causal), _p(at_q), _p(at_k),
                                   _p(q), _l(q), _p(kv), _l(kv), _p(kv, d), _l(kv), _p(out), _p(peak))
        context.save_for_backward(qs, kvs, at_q, at_k)
        context.rest = heads, causal, extras, d
        return out

    @staticmethod
    def backward(context, g):
        qs, kvs, at_q, at_k = context.saved_tensors
        heads, causal, (guide, teach, price), d = context.rest
        q, kv = (kvs, kvs[:, d:]) if qs is None else (qs, kvs)
        dkvs = torch.zeros_like(kvs)
        dq, dkv = (dkvs, dkvs[:, d:]) if qs is None else (torch.zeros_like(qs), dkvs)
        g, sums, number = g.contiguous(), torch.zeros(3, dtype=torch.float64), ctypes.c_float
        _kernels(kvs.dtype).attention_backward(
            len(at_q) - 1, heads, d // heads, int(causal), _p(at_q), _p(at_k),
            _p(q), _l(q), _p(kv), _l(kv), _p(kv, d), _l(kv), _p(g), _l(g),
            _p(dq), _l(dq), _p(dkv), _l(dkv), _p(dkv, d), _l(dkv),
            *((_p(guide.first), _p(guide.key), guide.head, number(guide.weight)) if guide else (None, None, 0, number(0))),
            *((_p(teach.shift), number(teach.weight)) if teach else (None, number(0))),
            number(price.weight if price else 0), number(Price.REST), _p(sums))
        if guide:
            guide.loss = float(sums[0])
        if teach:
            teach.loss = float(sums[1])
        if price:
            price.seen = float(sums[2])
        return (None if qs is None else dq), dkvs, None, None, None, None, None, None


def _pad(x, at):
    """[tokens, d] -> [sentences, longest, d] and where the tokens are in it."""
    lengths = (at[1:] - at[:-1]).long()
    places = torch.arange(int(lengths.max()), device=x.device)[None] < lengths[:, None]
    out = x.new_zeros(*places.shape, x.shape[1])
    out[places] = x[:int(at[-1])]
    return out, places


def attention(qs, kvs, at_q, at_k, heads: int, peak, causal: bool = False, guide: Guide | None = None,
              teach: Teach | None = None, price: Price | None = None):
    """Multi-head attention.  Self: qs None, kvs [n, 3d] (q, k, v).  Cross: qs [n, d], kvs [m, 2d] (k, v).

    peak float32 [heads]: raised to each head's largest score.
    """
    if fast(kvs):
        return _Attention.apply(qs, kvs, at_q, at_k, heads, causal, (guide, teach, price), peak)
    d = kvs.shape[1] // (2 if qs is not None else 3)
    q, k, v = kvs.split(d, 1) if qs is None else (qs, *kvs.split(d, 1))
    (q, here), (k, there), (v, _) = _pad(q, at_q), _pad(k, at_k), _pad(v, at_k)
    q, k, v = (t.unflatten(2, (heads, -1)).transpose(1, 2) for t in (q, k, v))
    mask = there[:, None, None, :]
    if causal:
        mask = mask & torch.ones(q.shape[2], k.shape[2], dtype=torch.bool, device=q.device).tril()
    with torch.no_grad():
        scores = (q @ k.transpose(2, 3)).float() * q.shape[-1] ** -0.5
        peak.copy_(torch.maximum(peak, scores.masked_fill(~(mask & here[:, None, :, None]), -1e30).amax((0, 2, 3))))
    mask = mask | ~here[:, None, :, None]
    if teach or price:
        logs = (q.float() @ k.float().transpose(2, 3) * q.shape[-1] ** -0.5).masked_fill(~mask, -1e30).log_softmax(-1)
    if teach:
        teach.loss = 0.0
        for h, shift in enumerate(teach.shift.tolist()):
            if shift:
                both = here[:, max(0, -shift):here.shape[1] - max(0, shift)] & here[:, max(0, shift):here.shape[1] + min(0, shift)]
                teach.loss = teach.loss - logs[:, h].diagonal(shift, 1, 2)[both].sum()
    if price:
        p = logs.exp() * here[:, None, :, None]
        seeing = here.sum(1)[:, None].expand(-1, p.shape[3])
        if causal:
            seeing = seeing - torch.arange(p.shape[3], device=p.device)
        mass = p.sum(2) / seeing.clamp(min=1)[:, None] * (seeing >= Price.FEWEST)[:, None]
        price.loss = (p.sum(2) * (mass.detach() > Price.REST)).sum()
        price.seen = float((mass.detach().amax(2) * here.sum(1)[:, None]).sum())
    if guide:
        scores = q[:, guide.head].float() @ k[:, guide.head].float().transpose(1, 2) * q.shape[-1] ** -0.5
        logs = scores.masked_fill(~mask[:, 0], -1e30).log_softmax(-1)[here]
        links = (guide.first[1:] - guide.first[:-1])[:len(logs)].long()
        row = torch.repeat_interleave(torch.arange(len(logs), device=q.device), links)
        guide.loss = -(logs[row, guide.key[:len(row)].long()] / links[row]).sum()
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2)[here]
    return F.pad(out, (0, 0, 0, len(qs if qs is not None else kvs) - len(out)))


class _Norm(torch.autograd.Function):
    @staticmethod
    def forward(context, x, r, gamma, beta):
        x, r = x.contiguous(), r.contiguous()
        n, d = x.shape
        s, y, mean, rstd = torch.empty_like(x), torch.empty_like(x), torch.empty(n), torch.empty(n)
        _kernels(x.dtype).norm_forward(n, d, _p(x), _p(r), _p(gamma), _p(beta), _p(s), _p(y), _p(mean), _p(rstd))
        context.save_for_backward(s, gamma, mean, rstd)
        return y

    @staticmethod
    def backward(context, g):
        s, gamma, mean, rstd = context.saved_tensors
        g = g.contiguous()
        ds, dgamma, dbeta = torch.empty_like(s), torch.zeros_like(gamma), torch.zeros_like(gamma)
        _kernels(g.dtype).norm_backward(*s.shape, _p(g), _p(s), _p(gamma), _p(mean), _p(rstd), _p(ds), _p(dgamma), _p(dbeta))
        return ds, ds, dgamma, dbeta


def residual_norm(x, r, norm):
    """norm(x + r), post-norm as in Vaswani et al.: [n, d]."""
    if fast(x):
        return _Norm.apply(x, r, norm.weight, norm.bias)
    return F.layer_norm((x + r).float(), norm.normalized_shape, norm.weight, norm.bias, norm.eps).to(x.dtype)


class _CrossEntropy(torch.autograd.Function):
    """Loss and gradient in one pass over slices of the batch: no [tokens, vocabulary] is kept."""

    @staticmethod
    def forward(context, h, embedding, target, smoothing, weight, seen, rows=256):
        e = embedding.to(h.dtype)
        dh, de = torch.empty_like(h), torch.zeros_like(embedding)
        sums = torch.zeros(2, dtype=torch.float64)
        for at in range(0, len(h), rows):
            z = mm(h[at:at + rows], e.t())
            _kernels(z.dtype).cross_entropy(len(z), z.shape[1], _p(z), _p(target, at), ctypes.c_float(smoothing),
                                   ctypes.c_float(weight), _p(sums))
            mm(z, e, out=dh[at:at + rows])
            de += mm(z.t(), h[at:at + rows])
        context.save_for_backward(dh, de)
        seen.copy_(sums)
        return (sums[0] * weight).float()

    @staticmethod
    def backward(context, g):
        dh, de = context.saved_tensors
        return dh, de, None, None, None, None, None


def cross_entropy(h, embedding, target, smoothing: float, weight: float, seen):
    """weight * sum over tokens of the label-smoothed loss against tied embeddings; target int32 [n], -1 filler.

    seen float64 [2]: receives the sums of the smoothed and of the plain loss, in nats.
    """
    if fast(h) and torch.is_grad_enabled():
        return _CrossEntropy.apply(h, embedding, target, smoothing, weight, seen)
    live = target >= 0
    logs = F.linear(h[live], embedding.to(h.dtype)).float().log_softmax(-1)
    plain = -logs.gather(1, target[live].long()[:, None]).sum()
    smooth = (1 - smoothing) * plain - smoothing * logs.mean(1).sum()
    seen.copy_(torch.stack([smooth.detach(), plain.detach()]))
    return weight * smooth
