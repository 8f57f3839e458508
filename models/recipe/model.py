"""The Transformer that is trained: MarianMTModel's computation and parameter names, over packed sentences.

Vaswani et al. (2017) as Marian has it: post-norm, sinusoidal positions (sines in
the first half of the columns, cosines in the second), embeddings scaled by
sqrt(d) and shared by encoder, decoder and output layer, ReLU.  No dropout: the
training sees hardly more than one epoch.
"""

import math

import torch
from torch import nn

import ops

POSITIONS = 512
END, PAD = 0, -1   # PAD: the last id; pad is also the decoder's first input


def configuration(vocabulary=12000, d=256, ff=1536, heads=8, encoder=3, decoder=2) -> dict:
    return dict(vocabulary=vocabulary, d=d, ff=ff, heads=heads, encoder=encoder, decoder=decoder)


def sinusoids(positions: int, d: int) -> torch.Tensor:
    """float32 [positions, d]."""
    angle = torch.arange(positions, dtype=torch.float64)[:, None] / 10000 ** (
        torch.arange(0, d, 2, dtype=torch.float64) / d)
    return torch.cat([angle.sin(), angle.cos()], 1).float()


class Attention(nn.Module):
    def __init__(self, d: int, heads: int, gain: float):
        super().__init__()
        self.register_buffer("peak", torch.zeros(heads), persistent=False)   # largest scores since it was last read
        for name in ("k_proj", "v_proj", "q_proj", "out_proj"):
            layer = nn.Linear(d, d)
            nn.init.xavier_uniform_(layer.weight, gain if name in ("v_proj", "out_proj") else 1.0)
            nn.init.zeros_(layer.bias)
            setattr(self, name, layer)


class Layer(nn.Module):
    def __init__(self, c: dict, cross: bool):
        super().__init__()
        d, gain = c["d"], (2.0 * (c["encoder"] + c["decoder"])) ** -0.25
        self.heads = c["heads"]
        self.self_attn, self.self_attn_layer_norm = Attention(d, self.heads, gain), nn.LayerNorm(d)
        if cross:
            self.encoder_attn, self.encoder_attn_layer_norm = Attention(d, self.heads, gain), nn.LayerNorm(d)
        self.fc1, self.fc2 = nn.Linear(d, c["ff"]), nn.Linear(c["ff"], d)
        for layer in (self.fc1, self.fc2):
            nn.init.xavier_uniform_(layer.weight, gain)
            nn.init.zeros_(layer.bias)
        self.final_layer_norm = nn.LayerNorm(d)

    def forward(self, x, at, memory=None, at_memory=None, guide=None, teach=None, price=None, keep=None,
                keep_cross=None):
        """x [n, d]; memory [m, d]: the encoder's output, for decoder layers.

        guide: ops.Guide for the cross-attention.  teach, price: ops.Teach and ops.Price for the self-attention.
        keep, keep_cross [n, 1]: 0 for tokens of sentences in which this layer's self-attention, or its
        cross-attention, rests, else 1.
        """
        a = self.self_attn
        y = ops.attention(None, ops.linear(x, [a.q_proj, a.k_proj, a.v_proj]), at, at, self.heads, a.peak,
                          memory is not None, teach=teach, price=price)
        if keep is not None:
            y = y * keep
        x = ops.residual_norm(x, ops.linear(y, [a.out_proj]), self.self_attn_layer_norm)
        if memory is not None:
            a = self.encoder_attn
            y = ops.attention(ops.linear(x, [a.q_proj]), ops.linear(memory, [a.k_proj, a.v_proj]),
                              at, at_memory, self.heads, a.peak, guide=guide)
            if keep_cross is not None:
                y = y * keep_cross
            x = ops.residual_norm(x, ops.linear(y, [a.out_proj]), self.encoder_attn_layer_norm)
        return ops.residual_norm(x, ops.linear(ops.linear(x, [self.fc1], relu=True), [self.fc2]), self.final_layer_norm)


class Stack(nn.Module):
    def __init__(self, c: dict, layers: int, cross: bool):
        super().__init__()
        self.layers = nn.ModuleList(Layer(c, cross) for _ in range(layers))


class Half(nn.Module):
    def __init__(self, c: dict):
        super().__init__()
        self.shared = nn.Embedding(c["vocabulary"], c["d"])
        nn.init.normal_(self.shared.weight, std=c["d"] ** -0.5)
        self.encoder = Stack(c, c["encoder"], False)
        self.decoder = Stack(c, c["decoder"], True)


class Translator(nn.Module):
    """Parameters are float32 and named as in MarianMTModel; computed in `dtype`."""

    def __init__(self, c: dict, dtype=torch.float32):
        super().__init__()
        self.configuration, self.dtype = c, dtype
        self.model = Half(c)
        self.register_buffer("sinusoids", sinusoids(POSITIONS, c["d"]), persistent=False)

    def embed(self, ids, at):
        """ids int64 [n] -> [n, d]; positions count from each sentence's beginning."""
        n = torch.arange(len(ids), device=ids.device)
        start = at[torch.searchsorted(at, n.int(), right=True).clamp(1, len(at)) - 1]
        position = (n - start).clamp(max=POSITIONS - 1)
        x = nn.functional.embedding(ids, self.model.shared.weight) * math.sqrt(self.configuration["d"])
        return (x + self.sinusoids[position]).to(self.dtype)

    def encode(self, ids, at, teaches=(), prices=(), keeps=()):
        """teaches, prices, keeps: what Layer takes, for each layer (or None), or none."""
        x = self.embed(ids, at)
        for i, layer in enumerate(self.model.encoder.layers):
            x = layer(x, at, teach=teaches[i] if teaches else None, price=prices[i] if prices else None,
                      keep=keeps[i] if keeps else None)
        return x

    def decode(self, ids, at, memory, at_memory, guide=None, guided_layer=-1, teaches=(), prices=(), keeps=(), keep_cross=None,
               awake: int = 0):
        """guide: for the cross-attention of layer guided_layer.  teaches, prices, keeps: as encode.

        keep_cross: what Layer takes, for the cross-attention of every layer but `awake`.
        """
        x = self.embed(ids, at)
        for i, layer in enumerate(self.model.decoder.layers):
            x = layer(x, at, memory, at_memory, guide if i == guided_layer else None, teaches[i] if teaches else None,
                      prices[i] if prices else None, keeps[i] if keeps else None, None if i == awake else keep_cross)
        return x
