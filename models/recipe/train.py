"""Train, or go on training: a run cut at any moment resumes from its last checkpoint.

in:  <work>/tokens.npz, <work>/tokenizer.json, optionally <work>/links.npz (guided alignment)
out: <work>/<run>/last.pt (everything), <work>/<run>/at-<step>.pt (averaged weights), log.jsonl

A run warms up, then keeps its learning rate for as long as it is let.  What ships comes from an end phase, a run of
its own (--from <run> --end <steps>) in which the rate falls to zero in a straight line, no token is masked and
the bookish sources are left out; the run it came from can go on afterwards.  While <work>/PAUSE exists it sleeps.

Every --measure tokens log.jsonl gets what the loss costs when each layer's attention is ablated (measure.py).
The run stops (exit status 3) where a layer that lived has died, or has never lived by LATEST tokens.
"""

import argparse
import json
import os
import signal
import time
from datetime import datetime
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")      # numpy's products: before it is imported

import numpy as np
import torch

import data
import ops
import paths
from measure import LIVES, Measure
from model import Translator, configuration
from optimiser import Optimiser

SMOOTHING = 0.1
GUIDANCE = 0.05         # weight of the alignment loss against the translation loss, both a target token
PRICE = 0.02            # weight of what a head of self-attention rests on one token with, likewise
TEACH = (0.02, 0.002)   # weight of the taught heads' loss, a target token: in the first TAUGHT steps, and after
TAUGHT = 1500
# Heads of self-attention that are taught a neighbour: layer -> how many tokens on each of its first heads looks.
NEIGHBOURS = {"encoder": {0: (-1, 1, -2, 2), 1: (-1, 1, 2), 2: (-1, 1)}, "decoder": {0: (-1, -2)}}
EMA = 0.998
DEAD = LIVES / 2        # a layer that lived and is measured below has died
LATEST = 15_000_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=paths.DATA)
    parser.add_argument("--work", type=Path, default=paths.WORK)
    parser.add_argument("--run", default="run", help="folder of the run, in <work>")
    parser.add_argument("--steps", type=int, default=0, help="checkpoint and stop after this step")
    parser.add_argument("--until", help="HH:MM today: checkpoint and stop then")
    parser.add_argument("--from", dest="source", help="run whose last checkpoint this one begins with")
    parser.add_argument("--end", type=int, default=0, help="this run is an end phase of so many steps")
    parser.add_argument("--init-from", type=Path, help="folder of an exported model, or a .pt of weights: warm start")
    parser.add_argument("--encoder", type=int, default=3)
    parser.add_argument("--decoder", type=int, default=2)
    parser.add_argument("--d", type=int, default=256)
    parser.add_argument("--ff", type=int, default=1536)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=4096, help="target tokens a batch")
    parser.add_argument("--matrix-rate", type=float, default=0.02)
    parser.add_argument("--other-rate", type=float, default=0.002)
    parser.add_argument("--warm-up", type=int, default=300)
    parser.add_argument("--unseen", type=float, nargs=2, default=(0.6, 0.15), metavar=("SENTENCES", "SPANS"),
                        help="share of sentences with encoder states that the decoder does not see, and of their tokens "
                        "that begin a span of these")
    parser.add_argument("--resting", type=float, nargs=3, default=(0.0, 0.0, 0.0), metavar=("ENCODER", "DECODER", "CROSS"),
                        help="share of sentences in which layers other than those that are --awake bring nothing by this kind of "
                        "attention, so that these have to: for layers that do not come to life by themselves")
    parser.add_argument("--awake", type=int, nargs=3, default=(-1, -1, 0), metavar=("ENCODER", "DECODER", "CROSS"),
                        help="the layer, from 0, of which this kind of attention never rests (-1: the layers with taught heads)")
    parser.add_argument("--hiding", type=float, default=0.0, help="share of an end phase, its first, in which tokens are masked "
                        "and encoder states hidden as in a steady run")
    parser.add_argument("--blank", type=float, nargs=3, default=(0.0, 0.0, 1.0), metavar=("SENTENCES", "WORDS", "UNTIL"),
                        help="share of sentences in which the decoder's input lacks words, of their words, and of an end phase: "
                        "how much of it, its first, is so")
    parser.add_argument("--neighbours", nargs="+", default=[], metavar="HALF:LAYER:SHIFTS",
                        help="other neighbours to teach than NEIGHBOURS, layers from 0, e.g. encoder:0:-1,1,-2,2 (0: not taught)")
    parser.add_argument("--guide", help="layer:head of the decoder's cross-attention, e.g. 1:0")
    parser.add_argument("--teach", type=float, nargs=2, default=TEACH, metavar=("FIRST", "AFTER"),
                        help="weight of the taught heads' loss, in the first steps and after")
    parser.add_argument("--masked", type=float, default=0.3, help="weight of the masked tokens' loss, a masked token")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-seconds", type=float, default=120)
    parser.add_argument("--keep-every", type=int, default=1000, help="steps between kept averages")
    parser.add_argument("--measure", type=int, default=1_000_000, help="target tokens between measurements (0: none)")
    parser.add_argument("--measured", type=int, default=300, help="sentences that are measured")
    parser.add_argument("--not-stopping", action="store_true", help="go on with dead layers")
    return parser.parse_args()


def neighbours(changes: list[str]) -> dict:
    """NEIGHBOURS with the layers that --neighbours names changed."""
    out = {half: dict(layers) for half, layers in NEIGHBOURS.items()}
    for change in changes:
        half, layer, shifts = change.split(":")
        out[half][int(layer)] = tuple(map(int, shifts.split(",")))
    return out


def save(path: Path, content: dict) -> None:
    """Whole or not at all."""
    part = path.with_suffix(".part")
    torch.save(content, part)
    os.replace(part, path)


def deadline(clock: str) -> float:
    hour, minute = map(int, clock.split(":"))
    return datetime.now().replace(hour=hour, minute=minute, second=0).timestamp()


class Shown:
    """Sums since the last line of log.jsonl."""

    def __init__(self):
        self.since, self.sums = time.time(), {}

    def add(self, name: str, total: float, count: float) -> None:
        t, n = self.sums.get(name, (0.0, 0.0))
        self.sums[name] = t + float(total), n + count

    def means(self) -> dict:
        return {name: round(t / n, 4) for name, (t, n) in self.sums.items() if n}


def fatal(cost: dict, most: dict, tokens: int) -> list[str]:
    """Layers that have died, or never lived; `most`: the most each ever cost, which is brought up to date."""
    out = []
    for kind, layers in cost.items():
        for i, value in enumerate(layers):
            name = f"{kind} {i + 1}"
            most[name] = max(value, most.get(name, value))
            if (most[name] >= LIVES and value < DEAD) or (tokens >= LATEST and most[name] < LIVES):
                out.append(name)
    return out


def main() -> None:
    a = arguments()
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    out = a.work / a.run
    out.mkdir(parents=True, exist_ok=True)
    tokens = data.Tokens(a.work / "tokens.npz")
    with open(a.work / "tokenizer.json", encoding="utf-8") as file:
        vocabulary = max(t["id"] for t in json.load(file)["added_tokens"]) + 1
    c = configuration(vocabulary, a.d, a.ff, a.heads, a.encoder, a.decoder)
    own = out / "last.pt"
    last = own if own.exists() or not a.source else a.work / a.source / "last.pt"
    state = torch.load(last, weights_only=True, map_location=device) if last.exists() else None
    if state:
        c = state["configuration"]
    elif a.source:
        raise SystemExit(f"{last} is not there")
    elif a.init_from:
        from export import weights_of
        c, weights = weights_of(a.init_from)
    model = Translator(c, ops.quickest(device)).to(device)
    optimiser = Optimiser(model, a.matrix_rate, a.other_rate)
    step, epoch, index, active, seen_tokens, began, most = 0, 0, 0, 0.0, 0, 0, {}
    if state:
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        step, epoch, index, active, seen_tokens, began, most = (
            state[k] for k in ("step", "epoch", "index", "active", "tokens", "began", "most"))
        if last != own:
            began, epoch, index = step, (epoch + 1 if a.end else epoch), (0 if a.end else index)
    elif a.init_from:
        model.load_state_dict(weights, strict=False)
    average = {k: v.clone() for k, v in (state["average"] if state else model.state_dict()).items()}
    links = data.Links(a.work / "links.npz") if a.guide else None
    layer, head = map(int, a.guide.split(":")) if a.guide else (-1, 0)
    until = deadline(a.until) if a.until else None
    room, mask = (a.tokens * 7 // 8, a.tokens), c["vocabulary"] - 1      # the mask is <pad>, which no source has
    taught = neighbours(a.neighbours)
    shifts = [[torch.tensor([(*taught[half].get(i, ()), *[0] * c["heads"])[h] for h in range(c["heads"])],
                            dtype=torch.int32, device=device) for i in range(c[half])] for half in ("encoder", "decoder")]
    measure = Measure(a.work / "tokenizer.json", a.data, a.measured) if a.measure else None

    def checkpoint():
        save(own, dict(configuration=c, model=model.state_dict(), average=average, optimiser=optimiser.state_dict(),
                       step=step, epoch=epoch, index=index, active=active, tokens=seen_tokens, began=began, most=most))

    stop = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.append(True))
    log = open(out / "log.jsonl", "a", encoding="utf-8")

    def write(**entry):
        print(json.dumps(dict(step=step, tokens=seen_tokens, **entry)), file=log, flush=True)

    def measured() -> list[str]:
        found = measure(c, {k: v.cpu() for k, v in average.items()})
        dying = fatal(found["layers"], most, seen_tokens)
        write(measured=found, fatal=dying, time=datetime.now().strftime("%H:%M:%S"))
        return dying

    def ended() -> bool:
        return bool((a.end and step - began >= a.end) or (a.steps and step >= a.steps) or (until and time.time() > until))

    saved, shown = time.time(), Shown()
    parameters = dict(model.named_parameters())
    for batch, epoch, index in data.batches(tokens, mask, room, a.seed, epoch, index, links, bool(a.end)):
        done = (step - began) / a.end if a.end else 0.0
        started = time.time()
        hidden = was = seen_states = None
        if not a.end or done < a.hiding:
            hidden, was = data.hide(batch, mask, np.random.default_rng([a.seed, 7, step]))
            seen_states = data.unseen(batch["at_en"], *a.unseen, np.random.default_rng([a.seed, 8, step])).to(device)
        if a.blank[0] and done < a.blank[2]:
            data.blank(batch, mask, *a.blank[:2], np.random.default_rng([a.seed, 10, step]))
        keeps = [(), (), None]
        for side, (at, share) in enumerate(zip(("at_en", "at_fr", "at_fr"), a.resting)):
            if share:
                keep = data.kept(batch[at], share, np.random.default_rng([a.seed, 9, side, step])).to(device, model.dtype)
                keeps[side] = keep if side == 2 else [
                    None if (shift.any() if a.awake[side] < 0 else i == a.awake[side]) else keep for i, shift in enumerate(shifts[side])]
        batch = {k: v.to(device) for k, v in batch.items()}
        count, rows = int(batch["at_fr"][-1]), int(batch["at_en"][-1])
        guide = ops.Guide(batch["first"], batch["key"], head, GUIDANCE / count) if links else None
        seen = torch.zeros(2, dtype=torch.float64, device=device)
        guess = torch.zeros(2, dtype=torch.float64, device=device)
        teaches = [[ops.Teach(s, a.teach[step >= TAUGHT] / count) if s.any() else None for s in half] for half in shifts]
        prices, more = ([ops.Price(PRICE / count) for _ in half.layers] for half in (model.model.encoder, model.model.decoder))
        embedding = model.model.shared.weight
        memory = model.encode(batch["en"], batch["at_en"], teaches[0], prices, keeps[0])
        told = memory if seen_states is None else memory * seen_states.to(memory.dtype)
        h = model.decode(batch["fr"], batch["at_fr"], told, batch["at_en"], guide, layer, teaches[1], more, *keeps[1:], a.awake[2])
        loss = ops.cross_entropy(h, embedding, batch["target"], SMOOTHING, 1 / count, seen)
        if hidden is not None and len(hidden):
            loss = loss + ops.cross_entropy(memory[hidden.to(device)], embedding, was.to(device), SMOOTHING,
                                            a.masked / len(hidden), guess)
        for extra in [*teaches[0], *teaches[1], *prices, *more, guide]:
            if extra and torch.is_tensor(extra.loss):
                loss = loss + extra.weight * extra.loss
        loss.backward()
        optimiser.step(min(1.0, (step + 1) / a.warm_up) * (1 - done))
        step += 1
        age = step - began      # an average over a tenth of what this run, or this end phase, has done
        for name, p in parameters.items():
            average[name].lerp_(p.detach(), 1 - min(EMA, age / (age + 10)))
        shown.add("loss", seen[1].item(), count)
        if hidden is not None:
            shown.add("masked", guess[1].item(), len(hidden))
        if guide:
            shown.add("alignment", torch.as_tensor(guide.loss).detach(), int((batch["first"][1:] > batch["first"][:-1]).sum()))
        for half, of, length in zip(teaches, shifts, (rows, count)):
            for teach, shift in zip(half, of):
                if teach:
                    shown.add("taught", torch.as_tensor(teach.loss).detach(), length * int(shift.count_nonzero()))
        shown.add("column", sum(p.seen for p in prices), rows * len(prices) * c["heads"])
        shown.add("rate", count, time.time() - started)
        active += time.time() - started
        before, seen_tokens = seen_tokens, seen_tokens + count
        if step % 50 == 0:
            means = shown.means()
            write(epoch=epoch, done=round(done, 4), **{k: v for k, v in means.items() if k != "rate"},
                  tokens_per_second=round(means["rate"]), time=datetime.now().strftime("%H:%M:%S"))
            shown = Shown()
        if measure and before // a.measure < seen_tokens // a.measure:
            dying = measured()
            if dying and not a.not_stopping:
                checkpoint()
                print(f"stopped at step {step}: no life in {', '.join(dying)}")
                raise SystemExit(3)
        if time.time() - saved > a.save_seconds:
            checkpoint()
            saved = time.time()
        if step % a.keep_every == 0:
            save(out / f"at-{step}.pt", dict(configuration=c, model=average))
        while (a.work / "PAUSE").exists() and not stop:
            time.sleep(0.5)
        if stop:
            checkpoint()
            print(f"stopped at step {step}: the same command goes on")
            return
        if ended():      # before another batch is drawn: its place would be lost
            break
    if measure:
        measured()
    checkpoint()
    save(out / "final.pt", dict(configuration=c, model=average))
    print(f"step {step}, epoch {epoch}, {seen_tokens} tokens, {active:.0f} s")


if __name__ == "__main__":
    main()
