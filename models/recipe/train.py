"""Train, or go on training: a run cut at any moment resumes from its last checkpoint.

in:  <work>/tokens.npz, <work>/tokenizer.json, optionally <work>/links.npz (guided alignment)
out: <work>/<run>/last.pt (everything), <work>/<run>/at-<step>.pt (averaged weights), log.jsonl

The learning rate warms up, then falls to zero in a straight line, reached at
--steps or at the wall-clock time --until.  While <work>/PAUSE exists it sleeps.
"""

import argparse
import json
import os
import signal
import time
from datetime import datetime
from pathlib import Path

import torch

import data
import ops
import paths
from model import Translator, configuration
from optimiser import Optimiser

SMOOTHING = 0.1
GUIDANCE = 0.05         # weight of the alignment loss against the translation loss, both a target token
SINK = 0.02             # weight of what a head of self-attention rests on one token with, likewise
EMA = 0.998


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=paths.WORK)
    parser.add_argument("--run", default="run", help="folder of the run, in <work>")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--stop-at", type=int, default=0, help="checkpoint and stop at this step, as if cut")
    parser.add_argument("--until", help="HH:MM today, instead of --steps")
    parser.add_argument("--init-from", type=Path, help="folder of an exported model, or a .pt of weights: warm start")
    parser.add_argument("--encoder", type=int, default=4)
    parser.add_argument("--decoder", type=int, default=3)
    parser.add_argument("--d", type=int, default=256)
    parser.add_argument("--ff", type=int, default=1024)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=4096, help="target tokens a batch")
    parser.add_argument("--matrix-rate", type=float, default=0.02)
    parser.add_argument("--other-rate", type=float, default=0.002)
    parser.add_argument("--warm-up", type=int, default=200)
    parser.add_argument("--guide", help="layer:head of the decoder's cross-attention, e.g. 1:0")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-seconds", type=float, default=120)
    parser.add_argument("--keep-every", type=int, default=1000, help="steps between kept averages")
    return parser.parse_args()


def save(path: Path, content: dict) -> None:
    """Whole or not at all."""
    part = path.with_suffix(".part")
    torch.save(content, part)
    os.replace(part, path)


def deadline(clock: str) -> float:
    hour, minute = map(int, clock.split(":"))
    return datetime.now().replace(hour=hour, minute=minute, second=0).timestamp()


def main() -> None:
    a = arguments()
    if not a.steps and not a.until:
        raise SystemExit("--steps or --until is needed")
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    out = a.work / a.run
    out.mkdir(parents=True, exist_ok=True)
    tokens = data.Tokens(a.work / "tokens.npz")
    with open(a.work / "tokenizer.json", encoding="utf-8") as file:
        vocabulary = max(t["id"] for t in json.load(file)["added_tokens"]) + 1
    c = configuration(vocabulary, a.d, a.ff, a.heads, a.encoder, a.decoder)
    state = torch.load(out / "last.pt", weights_only=True, map_location=device) if (out / "last.pt").exists() else None
    if state:
        c = state["configuration"]
    elif a.init_from:
        from export import weights_of
        c, weights = weights_of(a.init_from)
    model = Translator(c).to(device)
    optimiser = Optimiser(model, a.matrix_rate, a.other_rate)
    step, epoch, index, active = 0, 0, 0, 0.0
    if state:
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        step, epoch, index, active = state["step"], state["epoch"], state["index"], state["active"]
    elif a.init_from:
        model.load_state_dict(weights, strict=False)
    average = {k: v.clone() for k, v in (state["average"] if state else model.state_dict()).items()}
    links = data.Links(a.work / "links.npz") if a.guide else None
    layer, head = map(int, a.guide.split(":")) if a.guide else (-1, 0)
    end = deadline(a.until) if a.until else None
    room = (a.tokens * 7 // 8, a.tokens)

    def checkpoint():
        save(out / "last.pt", dict(
            configuration=c, model=model.state_dict(), average=average, optimiser=optimiser.state_dict(),
            step=step, epoch=epoch, index=index, active=active))

    stop = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.append(True))
    log = open(out / "log.jsonl", "a", encoding="utf-8")
    saved, shown = time.time(), [time.time(), 0, 0.0, 0.0, 0, 0.0, 0]   # since, tokens, loss, alignment loss, links, on </s>, rows
    parameters = dict(model.named_parameters())
    for batch, epoch, index in data.batches(tokens, c["vocabulary"] - 1, room, a.seed, epoch, index, links):
        done = step / a.steps if a.steps else active / (active + max(end - time.time(), 1e-9))
        if done >= 1 or (end and time.time() > end):
            break
        began = time.time()
        batch = {k: v.to(device) for k, v in batch.items()}
        count = int(batch["at_fr"][-1])
        guide = ops.Guide(batch["first"], batch["key"], head, GUIDANCE / count) if links else None
        seen = torch.zeros(2, dtype=torch.float64, device=device)
        sinks, more = ([ops.Sink(SINK / count) for _ in half.layers] for half in (model.model.encoder, model.model.decoder))
        memory = model.encode(batch["en"], batch["at_en"], sinks)
        h = model.decode(batch["fr"], batch["at_fr"], memory, batch["at_en"], guide, layer, more)
        loss = ops.cross_entropy(h, model.model.shared.weight, batch["target"], SMOOTHING, 1 / count, seen)
        for extra in [*sinks, *more, *([guide] if guide else [])]:
            if torch.is_tensor(extra.loss):
                loss = loss + extra.weight * extra.loss
        loss.backward()
        optimiser.step(min(1.0, (step + 1) / a.warm_up) * (1 - done))
        step += 1
        for name, p in parameters.items():
            average[name].lerp_(p.detach(), 1 - min(EMA, step / (step + 10)))
        shown[1] += count
        shown[2] += seen[1].item()
        if guide:
            shown[3] += float(torch.as_tensor(guide.loss).detach())
            shown[4] += int((batch["first"][1:] > batch["first"][:-1]).sum())
        shown[5] += sum(s.seen for s in sinks)
        shown[6] += int(batch["at_en"][-1]) * len(sinks) * c["heads"]
        active += time.time() - began
        if step % 50 == 0:
            now = time.time()
            print(json.dumps(dict(
                step=step, epoch=epoch, done=round(done, 4), loss=round(shown[2] / shown[1], 4),
                alignment=round(shown[3] / max(shown[4], 1), 4),
                sink=round(shown[5] / shown[6], 3), tokens_per_second=round(shown[1] / (now - shown[0])),
                time=datetime.now().strftime("%H:%M:%S"))), file=log, flush=True)
            shown = [now, 0, 0.0, 0.0, 0, 0.0, 0]
        if time.time() - saved > a.save_seconds:
            checkpoint()
            saved = time.time()
        if step % a.keep_every == 0:
            save(out / f"at-{step}.pt", dict(configuration=c, model=average))
        while (a.work / "PAUSE").exists():
            time.sleep(0.5)
            shown[0] += 0.5
            if stop:
                break
        if stop or step == a.stop_at:
            checkpoint()
            print(f"stopped at step {step}: the same command goes on")
            return
    checkpoint()
    save(out / "final.pt", dict(configuration=c, model=average))
    print(f"step {step}, epoch {epoch}, {active:.0f} s")


if __name__ == "__main__":
    main()
