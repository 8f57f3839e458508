"""Muon for matrices, Adam for embeddings, biases and norms.

Muon (Jordan et al. 2024): momentum, then the nearest orthogonal matrix by five
Newton-Schulz steps: more progress a token than Adam, at some 10 % of a step's time.

Left alone it drives the projections to queries and keys so hard that heads rest on </s> (or on the
first token) with scores in the hundreds, out of which no gradient leads.  Two things prevent that:
a lower rate for these, and a bound on each head's scores (QK-clip, Kimi K2 2025).
"""

import torch

MOMENTUM = 0.95
BETAS, EPSILON = (0.9, 0.98), 1e-9
SCORES_RATE = 0.5      # of the matrices' rate, for projections to queries and keys
HIGHEST_SCORE = 30.0
GENTLEST = 0.99        # a head's projections are scaled by no less than this a step


def orthogonal(m: torch.Tensor) -> torch.Tensor:
    """[matrices, rows, columns] -> about U Vᵀ of each."""
    x = m.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.transpose(1, 2)
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        a = torch.bmm(x, x.transpose(1, 2))
        b = torch.baddbmm(a, a, a, beta=-4.7750, alpha=2.0315)
        x = torch.baddbmm(x, b, x, beta=3.4445)
    return (x.transpose(1, 2) if tall else x).float()


class Optimiser:
    def __init__(self, model, matrix_rate: float, other_rate: float):
        """Rates are peaks; step() takes the share of them that holds at that moment."""
        self.matrix_rate, self.other_rate = matrix_rate, other_rate
        self.groups, self.shares, others = {}, {}, []
        self.attentions = [m for m in model.modules() if hasattr(m, "q_proj")]
        for name, p in model.named_parameters():
            if name.endswith("k_proj.bias"):      # adds the same to a whole row of scores: no effect, only noise
                p.requires_grad_(False)
            elif p.ndim == 2 and "shared" not in name:
                self.groups.setdefault(tuple(p.shape), []).append(p)
                scores = "q_proj" in name or "k_proj" in name
                self.shares.setdefault(tuple(p.shape), []).append(SCORES_RATE if scores else 1.0)
            else:
                others.append(p)
        self.momentum = {shape: torch.zeros(len(ps), *shape, device=ps[0].device) for shape, ps in self.groups.items()}
        self.adam = torch.optim.Adam(others, lr=other_rate, betas=BETAS, eps=EPSILON, fused=True)

    @torch.no_grad()
    def step(self, share: float) -> None:
        for group in self.adam.param_groups:
            group["lr"] = self.other_rate * share
        self.adam.step()
        self.adam.zero_grad()
        for shape, parameters in self.groups.items():
            g = torch.stack([p.grad for p in parameters])
            m = self.momentum[shape].lerp_(g, 1 - MOMENTUM)
            rate = self.matrix_rate * share * max(1.0, shape[0] / shape[1]) ** 0.5
            for p, update, own in zip(parameters, orthogonal(g.lerp_(m, MOMENTUM)), self.shares[shape]):
                p.add_(update, alpha=-rate * own)
                p.grad = None
        for attention in self.attentions:
            self.bound(attention)

    @staticmethod
    def bound(attention) -> None:
        """Scale down the queries and keys of heads whose scores went over the bound in this step."""
        scale = (HIGHEST_SCORE / attention.peak.clamp(min=1e-6)).sqrt().clamp(GENTLEST, 1.0)
        attention.peak.zero_()
        if scale.min() < 1:
            for p in (attention.q_proj.weight, attention.q_proj.bias, attention.k_proj.weight):
                p.copy_((p.view(len(scale), -1) * scale[:, None]).view_as(p))

    def state_dict(self) -> dict:
        return dict(adam=self.adam.state_dict(), momentum=self.momentum)

    def load_state_dict(self, state: dict) -> None:
        self.adam.load_state_dict(state["adam"])
        for shape, m in state["momentum"].items():
            self.momentum[shape].copy_(m)
