"""With a GPU: a large teacher, its translations, and the model that ships trained on them, by the clock.

Sequence-level distillation (Kim & Rush 2016): a small network learns more from a large one's translations than from
people's, which are freer than it can follow; a share of people's own stays.  And at each step it learns the teacher's
distribution over the vocabulary, not only the word that came.

in:  <work>/tokens.npz, <work>/tokenizer.json, <work>/links.npz, development sets
out: <work>/<run>/final.pt (averaged weights, half precision), log.jsonl, distilled.npz (the teacher's French)

--seconds says how long the whole may take; a file <work>/<run>/deadline (seconds since 1970) changes it while it runs.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from tokenizers import Tokenizer

import data
import paths
import pool
from clocked import Held, Training
from greedy import distilled, samples
from measure import sentences
from model import Translator, configuration
from padded import Teacher, choose_kernel

SHARES = (0.40, 0.08)       # of the time, for the teacher and at most for its translations
DEVELOPMENT = {"general": "en-fr.more.dev.tsv", "documentation": "en-fr.dev.tsv"}
REAL = 0.3                  # share of pairs with people's own French, for the student


class Clock:
    def __init__(self, seconds: float, file: Path):
        self.began, self.file, self.own = time.time(), file, time.time() + seconds

    def end(self) -> float:
        try:
            return float(self.file.read_text())
        except (OSError, ValueError):
            return self.own


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=paths.WORK)
    parser.add_argument("--data", type=Path, default=paths.DATA)
    parser.add_argument("--run", default="distil")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--pool", type=int, default=data.EPOCH, help="pairs that are ordered by length together")
    parser.add_argument("--room", type=int, default=65536, help="tokens of a side of a batch, padding included")
    shape = dict(type=int, nargs=4, metavar=("D", "FF", "ENCODER", "DECODER"))
    parser.add_argument("--teacher", default=(512, 2048, 6, 4), **shape)
    parser.add_argument("--student", default=(256, 3072, 3, 2), **shape)
    parser.add_argument("--dropout", type=float, nargs=2, default=(0.1, 0.05), metavar=("TEACHER", "STUDENT"))
    parser.add_argument("--warm-up", type=int, default=400)
    parser.add_argument("--type", choices=("bfloat16", "float32"), default=None)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def links_of(path: Path, tokens: data.Tokens):
    with np.load(path) as file:
        return pool.two_links(file["link"], file["at"], tokens.flat["fr_at"])


def main() -> None:
    a = arguments()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = getattr(torch, a.type or ("bfloat16" if device == "cuda" else "float32"))
    out = a.work / a.run
    out.mkdir(parents=True, exist_ok=True)
    lines = open(out / "log.jsonl", "a", encoding="utf-8")
    clock = Clock(a.seconds, out / "deadline")

    def log(what, **entry):
        line = json.dumps(dict(what=what, at=round(time.time() - clock.began, 1), **entry))
        print(line, file=lines, flush=True)
        print(line, flush=True)

    tokens = data.Tokens(a.work / "tokens.npz")
    tokenizer = Tokenizer.from_file(str(a.work / "tokenizer.json"))
    vocabulary = tokenizer.get_vocab_size()

    def make() -> pool.Maker:
        return pool.Maker(tokens, links_of(a.work / "links.npz", tokens), a.room, a.seed, a.pool)

    pools = pool.Pools(make, vocabulary - 1, device)
    torch.manual_seed(a.seed)
    sets = {name: sentences(tokenizer, a.data / file, sys.maxsize) for name, file in DEVELOPMENT.items()}
    held = Held(sets, vocabulary - 1, device)
    log("ready", device=torch.cuda.get_device_name() if device == "cuda" else device, loss=choose_kernel(device),
        pairs={k: len(v) for k, v in tokens.groups.items()})

    def until(share: float) -> float:
        return clock.began + share * (clock.end() - clock.began)

    def training(name: str, network, shape, dropout: float, teacher=None) -> Training:
        torch.manual_seed(a.seed)
        d, ff, encoder, decoder = shape
        master = network(configuration(vocabulary, d, ff, 8, encoder, decoder)).to(device)
        return Training(name, master, dtype, dropout, log, out, teacher)

    def report(of: Training) -> None:
        log(of.name, held=held(of), steps=of.steps, tokens=of.tokens, writes=samples(of, tokenizer, paths.RECIPE / "everyday.txt", device))

    teacher = training("teacher", Teacher, a.teacher, a.dropout[0])
    teacher.run(pools, time.time(), lambda: until(SHARES[0]), held, 1.0, a.warm_up)
    teacher.use_average()
    report(teacher)
    found = distilled(teacher, tokens, 4 * a.room, until(sum(SHARES)), device, log)
    np.savez(out / "distilled.part.npz", **found)
    os.replace(out / "distilled.part.npz", out / "distilled.npz")
    pools.asked.put(str(out / "distilled.npz"))
    teacher.save("teacher.pt")

    student = training("student", Translator, a.student, a.dropout[1], teacher)
    student.run(pools, time.time(), lambda: until(1.0), held, REAL, a.warm_up)
    student.use_average()
    report(student)
    student.save("final.pt")
    log("done")


if __name__ == "__main__":
    main()
