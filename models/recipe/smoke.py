"""The whole recipe on 200 sentences, in under four minutes: every step runs, and the same seed gives the same bits.

in: <data>/en-fr.dev.tsv, <data>/en-fr.more.dev.tsv, <data>/alibi_enfr.jsonl (a slice of each, in a temporary folder)
"""

import argparse
import hashlib
import lzma
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

import paths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=paths.DATA)
    a = parser.parse_args()
    began = time.time()
    with tempfile.TemporaryDirectory() as folder:
        work, data = Path(folder) / "work", Path(folder) / "data"
        data.mkdir()
        lines = (a.data / "en-fr.dev.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
        with lzma.open(data / "en-fr.tsv.xz", "wt", encoding="utf-8") as file:
            file.writelines(lines[::13][:200])
        (data / "en-fr.dev.tsv").write_text("".join(lines[5::130][:20]), encoding="utf-8")
        lines = (a.data / "en-fr.more.dev.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
        with lzma.open(data / "en-fr.more.tsv.xz", "wt", encoding="utf-8") as file:
            file.writelines(lines[::7])
        (data / "en-fr.more.dev.tsv").write_text("".join(lines[3::40]), encoding="utf-8")
        gold = (a.data / "alibi_enfr.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        (data / "alibi_enfr.jsonl").write_text("".join(gold[::30]), encoding="utf-8")
        environment = dict(os.environ, EA_DATA=str(data), EA_WORK=str(work), OMP_NUM_THREADS="1",
                           CUDA_VISIBLE_DEVICES="")

        def run(script: str, *arguments) -> None:
            print("$", script, *arguments, flush=True)
            subprocess.run([sys.executable, str(paths.RECIPE / f"{script}.py"), *map(str, arguments)],
                           check=True, env=environment)

        def bits(path: Path) -> str:
            weights = torch.load(path, weights_only=True)["model"]
            return hashlib.sha256(b"".join(weights[k].numpy().tobytes() for k in sorted(weights))).hexdigest()

        run("prepare")
        run("tokenizer", "--vocabulary", 800)
        run("align")
        shape = ["--encoder", 2, "--decoder", 2, "--d", 64, "--ff", 128, "--heads", 4, "--tokens", 1024, "--guide", "1:0",
                 "--measure", 20000, "--measured", 5]
        run("train", "--run", "once", "--steps", 40, "--keep-every", 20, *shape)
        run("train", "--run", "again", "--steps", 17, *shape)      # cut, then resumed
        run("train", "--run", "again", "--steps", 40, *shape)
        if bits(work / "once" / "final.pt") != bits(work / "again" / "final.pt"):
            raise SystemExit("the same seed gave other bits")
        print("same seed, same bits, also when cut and resumed")
        run("train", "--run", "end", "--from", "once", "--end", 10, *shape)
        run("measure", work / "end" / "final.pt", "--sentences", 5, "--heads")
        run("average", work / "mean.pt", work / "once" / "at-20.pt", work / "once" / "at-40.pt")
        run("export", work / "mean.pt", work / "full")
        run("verify", work / "mean.pt", work / "full", "--sentences", 10)
        for kind in ("fp16", "int8"):
            run("compress", work / "full", work / kind, "--kind", kind)
        run("evaluate", work / "fp16", "--limit", 10, "--out", work / "report.json")
        run("distil", "--run", "gpu", "--seconds", 30, "--pool", 500, "--room", 600, "--warm-up", 5, "--teacher", 32, 64, 1, 1,
            "--student", 64, 128, 3, 3)
        # A teacher of ten seconds translates nothing well: people's French takes its place.
        with np.load(work / "tokens.npz") as file:
            np.savez(work / "gpu" / "distilled.npz", fr=file["fr"], at=file["fr_at"], good=np.diff(file["fr_at"]) > 0)
        run("taught", work / "taught", "--run", "gpu")
        run("taught", work / "few", "--run", "gpu", "--first", 40, "--real", 0.6)
        run("prune", work / "gpu" / "final.pt", work / "pruned.pt", "--encoder", 0, 2, "--decoder", 1, 2)
        run("prune", work / "gpu" / "final.pt", "--pairs", "--sentences", 4)
        run("train", "--work", work / "taught", "--run", "pruned", "--init-from", work / "pruned.pt", "--end", 5,
            "--tokens", 1024, "--measure", 0)
        run("train", "--run", "warm", "--steps", 3, "--init-from", work / "fp16", "--tokens", 1024)
        run("selftaught", work / "fp16", "--run", "own", "--pairs", 30)
        run("copied", work / "fp16", work / "copied.pt", "--heads", "0:3")
        run("train", "--run", "copied", "--init-from", work / "copied.pt", "--end", 4, "--hiding", 0.5, "--blank", 0.5, 0.3, 0.5,
            "--neighbours", "encoder:0:-1,1,-2,-1", "--tokens", 1024, "--measure", 0)
    print(f"smoke test passed in {time.time() - began:.0f} s")


if __name__ == "__main__":
    main()
