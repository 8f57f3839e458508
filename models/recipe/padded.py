"""The network of model.py over padded batches, for a GPU: nothing here waits for the device.

Parameters are float32 (the masters); a copy in bfloat16 computes, and its gradients are brought back
(Shadow).  The embedding is used as it is.  What ops.py does in C++ for packed sentences (guided and taught heads, the price of
a heavy column, the bound's peaks, the smoothed loss in one pass) is done here with dense tensors.
"""

import copy
import itertools
import math

import torch
import torch.nn.functional as F
from torch import nn

from model import Translator
from ops import Price
from pool import NONE

TINY = 1e-9


class Teacher(Translator):
    """Pre-norm (Xiong et al. 2020), so that a deep and wide one trains without care.  It never ships."""

    def __init__(self, c: dict, dtype=torch.float32):
        super().__init__(c, dtype)
        for half in (self.model.encoder, self.model.decoder):
            half.layer_norm = nn.LayerNorm(c["d"])


class Shadow:
    """A copy of a network's layers in the type that computes."""

    def __init__(self, master: Translator, dtype: torch.dtype):
        self.master, self.dtype = master, dtype
        self.copy = copy.deepcopy(master).to(dtype)
        pairs = [(m, s) for (name, m), s in zip(master.named_parameters(), self.copy.parameters()) if "shared" not in name]
        self.masters, self.shadows = [m for m, _ in pairs], [s for _, s in pairs]
        self.refresh()

    @torch.no_grad()
    def refresh(self) -> None:
        torch._foreach_copy_(self.shadows, self.masters)

    @torch.no_grad()
    def gradients(self) -> None:
        """To the masters; the shadows' are gone."""
        for m in self.masters:
            m.grad = torch.empty_like(m)
        torch._foreach_copy_([m.grad for m in self.masters], [s.grad for s in self.shadows])
        for s in self.shadows:
            s.grad = None


class Extras:
    """What a student's loss has beside the translation, and what it was asked to lose for this batch.

    teach: {(half, layer): shifts of its taught heads}; shun: {(half, layer): shifts where each head's weight pays}.
    weights: of teach, of heavy columns, of guided rows and of shunned neighbours in the loss, all sums.
    keep: [b, 1, 1], 0 for sentences in which cross-attention rests in every layer but the first.
    """

    def __init__(self, batch=None, teach=None, shun=None, weights=(0.0, 0.0, 0.0, 0.0), guide=(-1, 0), keep=None):
        self.batch, self.teach, self.shun, self.guide, self.keep = batch, teach or {}, shun or {}, guide, keep
        self.teach_weight, self.price_weight, self.guide_weight, self.shun_weight = weights
        self.loss = 0.0

    def see(self, kind: str, layer: int, p: torch.Tensor, rows: torch.Tensor) -> None:
        """p float32 [b, heads, n, m]; rows [b, n]: which are tokens."""
        if self.batch is None:
            return
        if kind == "cross":
            if layer == self.guide[0] and "links" in self.batch:
                self.loss = self.loss + self.guide_weight * alignment(p[:, self.guide[1]], self.batch["links"])
            return
        head = 0
        for shift, heads in itertools.groupby(self.teach.get((kind, layer), ())):    # heads of one shift at once: fewer kernels
            first, head = head, head + len(list(heads))
            if shift:
                logs = p[:, first:head].diagonal(shift, 2, 3).clamp(min=TINY).log()
                self.loss = self.loss - self.teach_weight * (logs * both(rows, shift)).sum()
        for shift in self.shun.get((kind, layer), ()):
            self.loss = self.loss + self.shun_weight * (p.diagonal(shift, 2, 3) * both(rows, shift)).sum()
        if self.price_weight:
            self.loss = self.loss + self.price_weight * heavy(p, rows, kind == "decoder")


def both(rows: torch.Tensor, shift: int) -> torch.Tensor:
    """[b, 1, n - |shift|]: where a row and the column `shift` after it are tokens."""
    n = rows.shape[1]
    return (rows[:, max(0, -shift):n - max(0, shift)] & rows[:, max(0, shift):n + min(0, shift)])[:, None]


def alignment(p: torch.Tensor, links: list[torch.Tensor]) -> torch.Tensor:
    """-sum over rows of the mean log weight on their links."""
    one, two = links
    mean = 0.0
    for link in (one, two):
        logs = p.gather(2, link.clamp(max=p.shape[2] - 1)[:, :, None])[..., 0].clamp(min=TINY).log()
        mean = mean + logs * (link != NONE) * 0.5
    return -mean.sum()


def heavy(p: torch.Tensor, rows: torch.Tensor, causal: bool) -> torch.Tensor:
    """Sum of weights on columns that take more than Price.REST of their rows' weight on average."""
    sums = (p * rows[:, None, :, None]).sum(2)
    seeing = rows.sum(1)[:, None].expand(-1, p.shape[3])
    if causal:
        seeing = seeing - torch.arange(p.shape[3], device=p.device)
    mass = sums.detach() / seeing.clamp(min=1)[:, None] * (seeing >= Price.FEWEST)[:, None]
    return (sums * (mass > Price.REST)).sum()


def split(x: torch.Tensor, heads: int) -> torch.Tensor:
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


class Network:
    """Computes with `shadow`, adds up extras; dropout 0 when it does not train."""

    def __init__(self, shadow: Shadow, dropout: float):
        self.shadow, self.dropout, self.c = shadow, dropout, shadow.master.configuration
        self.pre = isinstance(shadow.master, Teacher)
        self.attentions = [(m, s) for m, s in zip(shadow.master.modules(), shadow.copy.modules()) if hasattr(m, "q_proj")]
        self.table = shadow.master.sinusoids.to(shadow.dtype)
        self.training = True

    def drop(self, x):
        return F.dropout(x, self.dropout) if self.training and self.dropout else x

    def embed(self, ids, start: int = 0):
        x = F.embedding(ids, self.shadow.master.model.shared.weight) * math.sqrt(self.c["d"])
        return self.drop(x.to(self.shadow.dtype) + self.table[start:start + ids.shape[1]])

    def attend(self, a, x, memory, bias, see):
        """bias float32, added to scores [b, heads, n, m].  see: receives the weights."""
        heads = self.c["heads"]
        q, k, v = split(a.q_proj(x), heads), split(a.k_proj(memory), heads), split(a.v_proj(memory), heads)
        scores = (q @ k.transpose(2, 3)).float() * q.shape[-1] ** -0.5 + bias
        p = scores.softmax(-1)
        if self.training:
            a.peak.copy_(torch.maximum(a.peak, scores.detach().amax((0, 2, 3))))
            see(p)
        return a.out_proj((self.drop(p.to(v.dtype)) @ v).transpose(1, 2).flatten(2))

    def sublayer(self, x, norm, f):
        if self.pre:
            return x + self.drop(f(norm(x)))
        return norm(x + self.drop(f(x)))

    def feed(self, layer, x):
        return layer.fc2(self.drop(F.relu(layer.fc1(x))))

    def layer(self, layer, x, bias, memory=None, memory_bias=None, see=None, see_cross=None, keep_cross=None):
        x = self.sublayer(x, layer.self_attn_layer_norm, lambda y: self.attend(layer.self_attn, y, y, bias, see))
        if memory is not None:
            def cross(y):
                y = self.attend(layer.encoder_attn, y, memory, memory_bias, see_cross)
                return y if keep_cross is None else y * keep_cross
            x = self.sublayer(x, layer.encoder_attn_layer_norm, cross)
        return self.sublayer(x, layer.final_layer_norm, lambda y: self.feed(layer, y))

    def encode(self, ids, mask, extras: Extras):
        x, bias = self.embed(ids), blocked(mask[:, None, None])
        stack = self.shadow.copy.model.encoder
        for i, layer in enumerate(stack.layers):
            x = self.layer(layer, x, bias, see=lambda p, i=i: extras.see("encoder", i, p, mask))
        return stack.layer_norm(x) if self.pre else x

    def decode(self, ids, mask, memory, memory_mask, extras: Extras):
        x, memory_bias = self.embed(ids), blocked(memory_mask[:, None, None])
        bias = blocked(torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool, device=ids.device).tril())
        stack = self.shadow.copy.model.decoder
        for i, layer in enumerate(stack.layers):
            x = self.layer(layer, x, bias, memory, memory_bias, lambda p, i=i: extras.see("decoder", i, p, mask),
                           lambda p, i=i: extras.see("cross", i, p, mask), extras.keep if i else None)
        return stack.layer_norm(x) if self.pre else x

    def peaks(self) -> None:
        """The largest scores of this step, to the masters' attentions."""
        for master, shadow in self.attentions:
            master.peak.copy_(shadow.peak)
            shadow.peak.zero_()


def blocked(seen: torch.Tensor) -> torch.Tensor:
    """Added to scores: 0 where seen, else far below every score."""
    return torch.zeros(seen.shape, device=seen.device).masked_fill(~seen, -1e9)


def kernel():
    """The smoothed loss and its gradient in one pass over a row of logits, in Triton; None where that is not there."""
    try:
        import triton
        import triton.language as tl
    except ImportError:
        return None

    @triton.jit
    def loss_of_row(z, told, target, weight, plain, smooth, width, smoothing, share, block: tl.constexpr, taught: tl.constexpr):
        row = tl.program_id(0).to(tl.int64)
        columns = tl.arange(0, block)
        inside = columns < width
        values = tl.load(z + row * width + columns, mask=inside, other=-float("inf")).to(tl.float32)
        t, w = tl.load(target + row), tl.load(weight + row)
        top = tl.max(values, 0)
        powers = tl.exp(values - top)
        total = tl.sum(powers, 0)
        sum_of_logs = top + tl.log(total)
        own = sum_of_logs - tl.sum(tl.where(columns == t, values, 0.0), 0)
        mean = sum_of_logs - tl.sum(tl.where(inside, values, 0.0), 0) / width
        tl.store(plain + row, own * (w != 0.0).to(tl.float32))
        loss = (1 - smoothing) * own + smoothing * mean
        wanted = smoothing / width + tl.where(columns == t, 1 - smoothing, 0.0)
        if taught:
            theirs = tl.load(told + row * width + columns, mask=inside, other=-float("inf")).to(tl.float32)
            theirs = tl.exp(theirs - tl.max(theirs, 0))
            theirs = theirs / tl.sum(theirs, 0)
            loss = (1 - share) * loss + share * (sum_of_logs - tl.sum(tl.where(inside, theirs * values, 0.0), 0))
            wanted = (1 - share) * wanted + share * theirs
        tl.store(smooth + row, loss * w)
        tl.store(z + row * width + columns, ((powers / total - wanted) * w).to(z.dtype.element_ty), mask=inside)

    def run(z, target, weight, smoothing, told=None, share=0.0):
        plain, smooth = (torch.empty(len(z), device=z.device) for _ in range(2))
        loss_of_row[(len(z),)](z, z if told is None else told, target, weight, plain, smooth, z.shape[1], smoothing, share,
                               block=1 << (z.shape[1] - 1).bit_length(), taught=told is not None, num_warps=16)
        return plain, smooth
    return run


def plain_loss(z, target, weight, smoothing, told=None, share=0.0, rows: int = 8192):
    """What the kernel does: z becomes the gradient."""
    plains, smooths = [], []
    for at in range(0, len(z), rows):
        here, t, w = z[at:at + rows].float(), target[at:at + rows, None], weight[at:at + rows]
        sums = here.logsumexp(1)
        plain = sums - here.gather(1, t)[:, 0]
        loss = (1 - smoothing) * plain + smoothing * (sums - here.mean(1))
        wanted = torch.full_like(here, smoothing / z.shape[1])
        wanted.scatter_add_(1, t, torch.full_like(t, 1 - smoothing, dtype=here.dtype))
        if told is not None:
            theirs = told[at:at + rows].float().softmax(1)
            loss = (1 - share) * loss + share * (sums - (theirs * here).sum(1))
            wanted.mul_(1 - share).add_(theirs, alpha=share)
        smooths.append(loss * w)
        plains.append(plain * (w != 0))
        z[at:at + rows] = (((here - sums[:, None]).exp_() - wanted) * w[:, None]).to(z.dtype)
    return torch.cat(plains), torch.cat(smooths)


class SmoothedLoss(torch.autograd.Function):
    run = staticmethod(plain_loss)

    @staticmethod
    def forward(context, h, embedding, target, weight, smoothing, told, share):
        e = embedding.to(h.dtype)
        z = h @ e.t()
        plain, smooth = SmoothedLoss.run(z, target, weight, smoothing, told, share)
        context.save_for_backward(z @ e, (z.t() @ h).float())
        context.mark_non_differentiable(plain)
        return smooth.sum(), plain.sum()

    @staticmethod
    def backward(context, g, _):
        dh, de = context.saved_tensors
        return dh * g.to(dh.dtype), de * g, None, None, None, None, None


def smoothed_loss(h, embedding, target, weight, smoothing: float, told=None, share: float = 0.0):
    """h [n, d], target int64 [n], weight float32 [n] -> sum of weighted smoothed losses, sum of plain ones (weight not 0).

    told: a teacher's logits [n, vocabulary], whose distribution is `share` of what is wanted (word-level distillation).
    """
    return SmoothedLoss.apply(h, embedding, target, weight, smoothing, told, share)


def choose_kernel(device: str) -> str:
    """Take the kernel where it runs and agrees with plain PyTorch."""
    run = kernel() if device != "cpu" else None
    if not run:
        return "plain"
    try:
        z = torch.randn(64, 12000, device=device, dtype=torch.bfloat16) * 3
        target, weight = torch.randint(12000, (64,), device=device), torch.rand(64, device=device)
        weight[::7] = 0
        for told in (None, torch.randn_like(z) * 3):
            one, two = z.clone(), z.clone()
            a, b = plain_loss(one, target, weight, 0.1, told, 0.6), run(two, target, weight, 0.1, told, 0.6)
            for x, y in ((a[0], b[0]), (a[1], b[1]), (one.float(), two.float())):
                if not torch.allclose(x, y, rtol=1e-2, atol=1e-4):
                    return f"plain: the kernel differs by {float((x - y).abs().max())}"
    except Exception as error:      # whatever a compiler may say: the plain one does the same
        return f"plain: {error}"
    SmoothedLoss.run = staticmethod(run)
    return "kernel"
