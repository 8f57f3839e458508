"""Muon for matrices, Adam for the encoder's self-attention and for embeddings, biases and norms.

Muon (Jordan et al. 2024): momentum, then the nearest orthogonal matrix by five
Newton-Schulz steps: more progress a token than Adam, at some 10 % of a step's time.

Left alone it drives the projections to queries and keys so hard that heads rest on </s> (or on the
first token) with scores in the hundreds, out of which no gradient leads.  Two things prevent that:
a lower rate for these, and a bound on each head's scores (QK-clip, Kimi K2 2025).  And it doubles the norms of
values and outputs, under which heads flatten: those decay, and learn at half rate.  In the encoder, whose
attention died in the first edition of this model, Adam does it.
"""

import torch

from ops import mm

MOMENTUM = 0.95
BETAS, EPSILON = (0.9, 0.98), 1e-9
PROJECTION_RATE = 0.5  # of the matrices' rate, for the projections of attention
ADAM_RATE = 0.5        # of the other rate, for the encoder's self-attention
DECAY = 0.1            # of values and outputs, times the rate
HIGHEST_SCORE = 30.0
GENTLEST = 0.99        # a head's projections are scaled by no less than this a step


def orthogonal(m: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """[matrices, rows, columns] -> about U Vᵀ of each."""
    x = m.to(dtype)
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.transpose(1, 2)
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        a = mm(x, x.transpose(1, 2))
        b = mm(a, a).mul_(2.0315).add_(a, alpha=-4.7750)
        x = mm(b, x).add_(x, alpha=3.4445)
    return (x.transpose(1, 2) if tall else x).float()


class Optimiser:
    def __init__(self, model, matrix_rate: float, other_rate: float):
        """Rates are peaks; step() takes the share of them that holds at that moment."""
        self.matrix_rate, self.other_rate, self.dtype = matrix_rate, other_rate, model.dtype
        self.groups, self.shares, self.decays, others, kept, decaying = {}, {}, {}, [], [], []
        self.attentions = [m for m in model.modules() if hasattr(m, "q_proj")]
        for name, p in model.named_parameters():
            decays = "v_proj.weight" in name or "out_proj.weight" in name
            if name.endswith("k_proj.bias"):      # adds the same to a whole row of scores: no effect, only noise
                p.requires_grad_(False)
            elif p.ndim == 2 and ".encoder.layers." in name and "self_attn" in name:
                (decaying if decays else kept).append(p)
            elif p.ndim == 2 and "shared" not in name:
                shape = tuple(p.shape)
                self.groups.setdefault(shape, []).append(p)
                self.shares.setdefault(shape, []).append(PROJECTION_RATE if "_proj" in name else 1.0)
                self.decays.setdefault(shape, []).append(DECAY if decays else 0.0)
            else:
                others.append(p)
        self.momentum = {shape: torch.zeros(len(ps), *shape, device=ps[0].device) for shape, ps in self.groups.items()}
        self.adam = torch.optim.AdamW([
            dict(params=others, weight_decay=0.0), dict(params=kept, weight_decay=0.0),
            dict(params=decaying, weight_decay=DECAY)], lr=other_rate, betas=BETAS, eps=EPSILON, fused=True)

    @torch.no_grad()
    def step(self, share: float) -> None:
        for group, own in zip(self.adam.param_groups, (1.0, ADAM_RATE, ADAM_RATE)):
            group["lr"] = self.other_rate * share * own
        self.adam.step()
        self.adam.zero_grad()
        for shape, parameters in self.groups.items():
            g = torch.stack([p.grad for p in parameters])
            m = self.momentum[shape].lerp_(g, 1 - MOMENTUM)
            rate = self.matrix_rate * share * max(1.0, shape[0] / shape[1]) ** 0.5
            updates = orthogonal(g.lerp_(m, MOMENTUM), self.dtype)
            shares = self.shares[shape]
            torch._foreach_mul_(parameters, [1 - rate * own * decay for own, decay in zip(shares, self.decays[shape])])
            torch._foreach_add_(parameters, torch._foreach_mul(list(updates), [-rate * own for own in shares]))
            for p in parameters:
                p.grad = None
        for attention in self.attentions:
            self.bound(attention)

    @staticmethod
    def bound(attention) -> None:
        """Scale down the queries and keys of heads whose scores went over the bound in this step."""
        scale = (HIGHEST_SCORE / attention.peak.clamp(min=1e-6)).sqrt().clamp(GENTLEST, 1.0)
        attention.peak.zero_()
        if scale.is_cuda or scale.min() < 1:      # on a GPU to look would be to wait
            for p in (attention.q_proj.weight, attention.q_proj.bias, attention.k_proj.weight):
                p.copy_((p.view(len(scale), -1) * scale[:, None]).view_as(p))

    def tensors(self) -> list[torch.Tensor]:
        """All that a step changes, but the parameters."""
        return [*self.momentum.values(), *(t for s in self.adam.state.values() for t in s.values())]

    def state_dict(self) -> dict:
        return dict(adam=self.adam.state_dict(), momentum=self.momentum)

    def load_state_dict(self, state: dict) -> None:
        self.adam.load_state_dict(state["adam"])
        for shape, m in state["momentum"].items():
            self.momentum[shape].copy_(m)
