"""Put a teacher's French in the place of people's, in most of the pairs: for train.py, where there is no GPU.

in:  <work>/tokens.npz, <work>/links.npz, <work>/tokenizer.json, <work>/<run>/distilled.npz (distil.py)
out: <out>/tokens.npz, <out>/links.npz (of the pairs that kept their own French), <out>/tokenizer.json
"""

import argparse
import shutil
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

import data
import paths
from distil import REAL
from pool import gather, offsets
from tokenizer import ids


def learners(count: int, real: float = REAL) -> np.ndarray:
    """bool [pairs]: which of all pairs get the teacher's French where it has any; a larger share `real` keeps more of people's."""
    return np.random.default_rng(3).random(count) >= real


def mixed(taught: np.ndarray, own: tuple, new: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Tokens and where each pair's begin, of `new` where taught, else of `own`."""
    length = np.where(taught, np.diff(new[1]), np.diff(own[1]))
    start = np.where(taught, new[1][:-1] + len(own[0]), own[1][:-1])
    return gather(np.concatenate([own[0], new[0]]), start, length), offsets(length)


def only(tokens: dict, pairs: np.ndarray) -> dict:
    """tokens.npz of these pairs."""
    out = {**tokens, "source": tokens["source"][pairs]}
    for name in ("en", "fr", "then_en", "then_fr"):
        at = tokens[name + "_at"]
        length = np.diff(at)[pairs]
        out[name], out[name + "_at"] = gather(tokens[name], at[:-1][pairs], length), offsets(length)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--work", type=Path, default=paths.WORK)
    parser.add_argument("--run", default="distil")
    parser.add_argument("--real", type=float, default=REAL, help="share of pairs that keep people's French")
    parser.add_argument("--first", type=int, default=0,
                        help="keep only so many pairs, the first that an end phase draws: what selftaught.py translated (0: all)")
    parser.add_argument("--seed", type=int, default=1, help="of the training, with --first")
    a = parser.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(a.work / "tokenizer.json"))
    tokenizer.normalizer = None
    with np.load(a.work / "tokens.npz") as file, np.load(a.work / a.run / "distilled.npz") as teacher:
        tokens, fr, at = dict(file), teacher["fr"], teacher["at"]
    taught = (np.diff(at) > 0) & learners(len(at) - 1, a.real)
    if not taught.any():
        raise SystemExit("the teacher has translated nothing well")
    texts = tokenizer.decode_batch([fr[at[i]:at[i + 1]].tolist() for i in np.flatnonzero(taught)], skip_special_tokens=False)
    then, then_at = ids(tokenizer, [" " + text for text in texts])
    lengths = np.zeros(len(taught), np.int64)
    lengths[taught] = np.diff(then_at)
    tokens["fr"], tokens["fr_at"] = mixed(taught, (tokens["fr"], tokens["fr_at"]), (fr, at))
    tokens["then_fr"], tokens["then_fr_at"] = mixed(taught, (tokens["then_fr"], tokens["then_fr_at"]), (then, offsets(lengths)))
    with np.load(a.work / "links.npz") as file:
        counts = np.diff(file["at"])
        link, counts = file["link"][np.repeat(~taught, counts)], np.where(taught, 0, counts)
    if a.first:
        pairs = np.unique(data.Tokens(a.work / "tokens.npz").order(a.seed, 0, end=True)[0][:a.first])
        tokens, taught = only(tokens, pairs), taught[pairs]
        link, counts = gather(link, offsets(counts)[:-1][pairs], counts[pairs]), counts[pairs]
    np.savez(a.out / "tokens.npz", **tokens)
    np.savez(a.out / "links.npz", link=link, at=offsets(counts))
    shutil.copy(a.work / "tokenizer.json", a.out)
    print(f"{taught.mean():.0%} of {len(taught)} pairs have the teacher's French")


if __name__ == "__main__":
    main()
