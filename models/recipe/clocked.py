"""Train one network on a GPU, by the clock: a teacher, or a student with what keeps its heads alive (train.py)."""

import time
from pathlib import Path

import numpy as np
import torch

import data
import measure
from optimiser import Optimiser
from padded import Extras, Network, Shadow, smoothed_loss
from pool import Pools
from train import EMA, PRICE, SMOOTHING

DECAYING, ENDING = 0.45, 0.15   # share of a network's time in which the rate falls to zero, in which the end phase runs
GUIDANCE, TEACH, TAUGHT = 0.15, (0.02, 0.003), 600
# What one layer looks at the others pay for, so that none can stand in for it: neighbours, those two away, all else.
NEIGHBOURS = {("encoder", 0): (-1, -1, -1, 1, 1, 1), ("encoder", 1): (-2, -2, -2, 2, 2, 2), ("decoder", 0): (-1, -2)}
SHUNNED = {("encoder", 0): (-2, 2), ("encoder", 1): (-1, 1), ("encoder", 2): (-2, -1, 1, 2)}
SHUN = 0.02                 # weight of what a head spends on a shunned neighbour
TOLD = 0.6                  # of what a student is to predict: the share of its teacher's distribution
TEACHER_SMOOTHING = 0.05    # a teacher that is smoothed much tells less (Müller et al. 2019)
MASKED = 0.3                # weight of the masked tokens' loss
UNSEEN = (0.6, 0.15)        # as train.py --unseen
RESTING = 0.15              # as train.py --resting 0 0 0.15
CHECKED = 50                # steps between lines of the log, each of which waits for the device


def progress(began: float, end: float) -> float:
    """The share of the time from `began` to `end` that is over; 1 where it is, also for what begins after its end."""
    now = time.time()
    return 1.0 if now >= end else (now - began) / (end - began)


def hide(batch: dict, mask_id: int):
    """Masks English tokens (a copy): the new ids, places [k] in the flattened batch, what they were, weights [k]."""
    en, live = batch["en"], batch["en_mask"] & (batch["en"] != data.END)
    chosen = (torch.rand(len(en), 1, device=en.device) < data.HIDING) & (torch.rand(en.shape, device=en.device) < data.HIDDEN) & live
    kind = torch.rand(en.shape, device=en.device)
    other = torch.randint(2, mask_id, en.shape, device=en.device)
    new = torch.where(chosen & (kind < data.MASK), mask_id, torch.where(chosen & (kind >= data.MASK) & (kind < data.MASK + data.OTHER), other, en))
    most = min(en.numel(), int(batch["rows"] * data.HIDING * data.HIDDEN * 1.15) + 8)
    score, places = (chosen * (0.5 + kind)).flatten().topk(most, sorted=False)
    return new, places, en.flatten()[places], (score > 0).float()


def gone(batch: dict) -> torch.Tensor:
    """[b, n, 1]: False for encoder states that the decoder does not get to see (data.unseen)."""
    en, live = batch["en"], batch["en_mask"] & (batch["en"] != data.END)
    starts = (torch.rand(len(en), 1, device=en.device) < UNSEEN[0]) & (torch.rand(en.shape, device=en.device) < UNSEEN[1])
    size, away = torch.rand(en.shape, device=en.device), starts.clone()
    away[:, 1:] |= (starts & (size < 2 / 3))[:, :-1]
    away[:, 2:] |= (starts & (size < 1 / 3))[:, :-2]
    return ~(away & live)[..., None]


class Training:
    """One network: masters, optimiser, averages.  teacher: of a student, the Training whose distributions it learns."""

    def __init__(self, name: str, master, dtype, dropout: float, log, out: Path, teacher=None, rates=(0.02, 0.002)):
        self.name, self.master, self.log, self.out, self.teacher = name, master, log, out, teacher
        self.student = teacher is not None
        self.shadow = Shadow(master, dtype)
        self.net = Network(self.shadow, dropout)
        self.optimiser = Optimiser(master, *rates)
        self.optimiser.dtype = dtype
        self.parameters = list(master.parameters())
        self.average = [p.detach().clone() for p in self.parameters]
        self.pad, self.steps, self.tokens, self.scale = master.configuration["vocabulary"] - 1, 0, 0, 1.0

    def loss(self, batch: dict, end: bool):
        """To go down, and the plain loss: both sums' means over the French tokens."""
        count, shared = batch["count"], self.master.model.shared.weight
        extras, en, hidden = Extras(), batch["en"], None
        if self.student:
            keep = None
            if not end:
                keep = (torch.rand(len(en), 1, 1, device=en.device) >= RESTING).to(self.shadow.dtype)
                en, *hidden = hide(batch, self.pad)
            weights = TEACH[self.steps >= TAUGHT], PRICE, GUIDANCE, SHUN
            extras = Extras(batch, NEIGHBOURS, SHUNNED, [w / count for w in weights], (1, 0), keep)
        memory = self.net.encode(en, batch["en_mask"], extras)
        seen = memory * gone(batch) if self.student and not end else memory
        h = self.net.decode(batch["fr"], batch["mask"], seen, batch["en_mask"], extras)
        weight = (batch["mask"].float() / count).flatten()
        told = self.teacher.logits(batch) if self.student else None
        loss, plain = smoothed_loss(h.flatten(0, 1), shared, batch["target"].flatten(), weight,
                                    SMOOTHING if self.student else TEACHER_SMOOTHING, told, TOLD)
        if hidden:
            places, was, live = hidden
            guess, _ = smoothed_loss(memory.flatten(0, 1)[places], shared, was, live * MASKED / live.sum().clamp(min=1), SMOOTHING)
            loss = loss + guess
        return loss + extras.loss, plain / count

    @torch.no_grad()
    def logits(self, batch: dict) -> torch.Tensor:
        """[b * m, vocabulary], of the whole source."""
        self.net.training = False
        memory = self.net.encode(batch["en"], batch["en_mask"], Extras())
        h = self.net.decode(batch["fr"], batch["mask"], memory, batch["en_mask"], Extras())
        return h.flatten(0, 1) @ self.master.model.shared.weight.to(h.dtype).t()

    def step(self, batch: dict, share: float, end: bool):
        loss, plain = self.loss(batch, end)
        loss.backward()
        self.shadow.gradients()
        self.net.peaks()
        self.optimiser.step(share * self.scale)
        self.shadow.refresh()
        self.steps += 1
        self.tokens += batch["count"]
        with torch.no_grad():
            torch._foreach_lerp_(self.average, [p.detach() for p in self.parameters], 1 - min(EMA, self.steps / (self.steps + 10)))
        return plain.detach()

    def state(self) -> list[torch.Tensor]:
        return [*self.parameters, *self.average, *self.optimiser.tensors()]

    def run(self, pools: Pools, began: float, ends, held, real: float, warm_up: int) -> None:
        """Until ends() (seconds since 1970)."""
        pools.ask(False, real, self.student)
        kept, shown, at, last, saved = None, [], self.tokens, time.time(), time.time()
        while True:
            current = pools.take()
            ending = progress(began, ends()) > 1 - ENDING
            pools.ask(ending, real, self.student)
            for batch in current.batches():
                done = progress(began, ends())
                if done >= 1:
                    pools.take()        # what was asked for is not the next network's
                    return
                share = min(1.0, (self.steps + 1) / warm_up) * min(1.0, (1 - done) / DECAYING)
                try:
                    shown.append(self.step(batch, share, ending))
                except torch.OutOfMemoryError:
                    self.log(self.name, error="out of memory", shape=list(batch["fr"].shape))
                    torch.cuda.empty_cache()
                    continue
                if self.steps % CHECKED == 0:
                    loss = float(torch.stack(shown).mean())
                    shown = []
                    now = time.time()
                    if not np.isfinite(loss) and kept:
                        with torch.no_grad():
                            for t, k in zip(self.state(), kept):
                                t.copy_(k)
                        self.shadow.refresh()
                        self.scale *= 0.5
                        self.log(self.name, error="not finite", scale=self.scale)
                    elif self.steps % (10 * CHECKED) == 0:
                        kept = [t.detach().clone() for t in self.state()]
                        self.log(self.name, step=self.steps, tokens=self.tokens, done=round(done, 3), loss=round(loss, 4),
                                 held=held(self), per_second=round((self.tokens - at) / (now - last)) if at else None,
                                 end=ending)
                        if time.time() - saved > 60:
                            self.save("last.pt")
                            saved = time.time()
                        at, last = self.tokens, time.time()
                    elif self.steps < 500:
                        self.log(self.name, step=self.steps, tokens=self.tokens, loss=round(loss, 4), seconds=round(now - began, 1))

    def save(self, name: str) -> None:
        """The averages, in half precision."""
        names = [name for name, _ in self.master.named_parameters()]
        torch.save(dict(configuration=self.master.configuration,
                        model={n: a.half().cpu() for n, a in zip(names, self.average)}), self.out / name)

    def use_average(self) -> None:
        with torch.no_grad():
            for p, a in zip(self.parameters, self.average):
                p.copy_(a)
        self.shadow.refresh()


class Held:
    """Loss a token on pairs that nothing is trained on: {name: (English, French) pairs of ids}."""

    def __init__(self, sets: dict, pad: int, device: str):
        self.batches = {}
        for name, pairs in sets.items():
            short = [pair for pair in pairs if max(map(len, pair)) < data.SINGLE]
            self.batches[name] = [
                dict(en=en.to(device), en_mask=there.to(device), fr=fr.to(device), mask=rows.to(device), target=target.to(device),
                     count=int(rows.sum()), rows=int(there.sum()))
                for en, there, fr, rows, target in measure.batches(short, pad, 200)]

    @torch.no_grad()
    def __call__(self, training: Training) -> dict:
        training.net.training, student = False, training.student
        training.student = False
        out = {name: round(float(sum(training.loss(b, True)[1] * b["count"] for b in batches)) / sum(b["count"] for b in batches), 4)
               for name, batches in self.batches.items()}
        training.net.training, training.student = True, student
        return out
