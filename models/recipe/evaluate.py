"""BLEU and chrF of an exported model, by source, and the alignment error rate of its cross-attention.

in:  folder of a model, <data>/en-fr.dev.tsv (or --set), <data>/alibi_enfr.jsonl
out: a JSON report on standard output (and --out)

Alignment: gold French is forced through the decoder; each French word takes the English word with
most weight.  Weight on </s> counts for nothing, punctuation aligns to punctuation only, words to
words only.  Two readings of a row: where the word is the decoder's input (Shift-Att) and where it
is predicted.
"""

import argparse
import json
import random
import re
import sys
from pathlib import Path

import numpy as np
import onnx
import sacrebleu
import torch
from tokenizers import Tokenizer

import paths
from compress import floats
from export import marian, weights_of
from text import normalise
from tokenizer import read
from translate import Model


def fresh(english: list[str], train: Path, n: int = 8) -> list[bool]:
    """Which sentences share no n letter-only words in a row with the training text (nor are the same without them)."""
    def keys(text: str):
        words = re.sub(r"[^a-z]+", " ", text.lower()).split()
        return {hash(tuple(words))} | {hash(tuple(words[i:i + n])) for i in range(len(words) - n + 1)}
    seen = set()
    for row in read(train):
        seen |= keys(row[1])
    return [not keys(text) & seen for text in english]


def scores(sources: list[str], hypotheses: list[str], references: list[str]) -> dict:
    bleu, chrf = sacrebleu.BLEU(), sacrebleu.CHRF()
    bleu.corpus_score(hypotheses, [references]), chrf.corpus_score(hypotheses, [references])
    out = {"signatures": [str(bleu.get_signature()), str(chrf.get_signature())]}
    for name in ["all", *sorted(set(sources))]:
        here = [i for i, s in enumerate(sources) if name in ("all", s)]
        h, r = [hypotheses[i] for i in here], [[references[i] for i in here]]
        out[name] = dict(pairs=len(here), BLEU=round(bleu.corpus_score(h, r).score, 2),
                         chrF=round(chrf.corpus_score(h, r).score, 2))
    return out


def join(words: list[str], french: bool) -> tuple[str, list[int]]:
    """Text as it is written, and of each character the word it belongs to (-1: space)."""
    text, owner = "", []
    for i, word in enumerate(map(normalise, words)):
        glued = not text or re.fullmatch(r"[.,)\]]|\.\.\.|n't|'\w+" if not french else r"[.,)\]]|\.\.\.|-\w+", word) or (
            words[i - 1][-1] in ("'’(" if french else "(["))
        if not glued:
            text, owner = text + " ", owner + [-1]
        text, owner = text + word, owner + [i] * len(word)
    return text, owner


def token_words(tokenizer: Tokenizer, words: list[str], french: bool) -> tuple[list[int], list[int]]:
    """Token ids without </s>, and of each the word it belongs to."""
    text, owner = join(words, french)
    encoded = tokenizer.encode(text, add_special_tokens=False)
    return encoded.ids, [max(owner[s:e], default=-1) for s, e in encoded.offsets]


def punctuation(word: str) -> bool:
    return not any(c.isalnum() for c in word)


def links(weight: np.ndarray, english: list[str], french: list[str], en_word, fr_word) -> set:
    """weight [French tokens, English tokens] -> one link for each French word."""
    words = np.zeros((len(french), len(english)))
    for row, f in enumerate(fr_word):
        for column, e in enumerate(en_word):
            if f >= 0 and e >= 0:
                words[f, e] += weight[row, column]
    kind = np.array([punctuation(w) for w in english])
    out = set()
    for f, word in enumerate(french):
        row = np.where(kind == punctuation(word), words[f], -1)
        if row.max() > 0:
            out.add((int(row.argmax()), f))
    return out


def error_rate(found: list[set], sure: list[set], possible: list[set]) -> float:
    """1 - (|A and S| + |A and P|) / (|A| + |S|), Och & Ney 2003."""
    hits = sum(len(a & s) + len(a & p) for a, s, p in zip(found, sure, possible))
    return 1 - hits / (sum(map(len, found)) + sum(map(len, sure)))


@torch.no_grad()
def alignment(folder: Path, gold: Path) -> dict:
    c, state = weights_of(folder)
    model, tokenizer = marian(c, state), Tokenizer.from_file(str(folder / "tokenizer.json"))
    # The shared embedding may be rounded otherwise in the encoder's file than in the decoder's, which `state` has.
    own = floats(onnx.load(folder / "onnx" / "encoder_model.onnx"))["model.shared.weight"]
    model.model.encoder.embed_tokens = torch.nn.Embedding.from_pretrained(torch.tensor(own))
    pad, found, sure, possible = c["vocabulary"] - 1, {}, [], []
    for line in open(gold, encoding="utf-8"):
        pair = json.loads(line)
        (en, en_word), (fr, fr_word) = (token_words(tokenizer, pair[k], k == "fr") for k in ("en", "fr"))
        out = model(input_ids=torch.tensor([en + [0]]), decoder_input_ids=torch.tensor([[pad] + fr]),
                    output_attentions=True)
        sure.append({tuple(x) for x in pair["sure"]})
        possible.append({tuple(x) for x in pair["possible"]} | sure[-1])
        heads = {f"{l}.{h}": a[0, h] for l, a in enumerate(out.cross_attentions) for h in range(c["heads"])}
        heads["mean"] = torch.stack(list(heads.values())).mean(0)
        for name, a in heads.items():
            a = a[:, :len(en)].numpy()
            for reading, rows in (("input", a[1:]), ("predicted", a[:-1])):
                found.setdefault((reading, name), []).append(links(rows, pair["en"], pair["fr"], en_word, fr_word))
    report = {"pairs": len(sure)}
    for reading in ("input", "predicted"):
        rates = {n: round(error_rate(f, sure, possible), 4) for (r, n), f in found.items() if r == reading}
        mean = rates.pop("mean")
        best = min(rates, key=rates.get)
        report[reading] = dict(best_head=best, best=rates[best], mean_over_heads=mean, heads=rates)
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", default=paths.SHIPPED)
    parser.add_argument("--data", type=Path, default=paths.DATA)
    parser.add_argument("--set", type=Path, help="tab-separated source, English, French; default: the development set")
    parser.add_argument("--limit", type=int, default=0, help="a fixed random sample of this many pairs")
    parser.add_argument("--beams", type=int, default=1)
    parser.add_argument("--against", type=Path, help="train.tsv: score apart what shares no eight words in a row with it")
    parser.add_argument("--no-optimiser", action="store_true", help="ONNX Runtime's, which breaks on int8 weights in branches")
    parser.add_argument("--no-alignment", action="store_true")
    parser.add_argument("--out", type=Path)
    a = parser.parse_args()
    rows = read(a.set or a.data / "en-fr.dev.tsv")
    if a.limit:
        rows = random.Random(1).sample(rows, min(a.limit, len(rows)))
    sources, english, french = map(list, zip(*rows))
    hypotheses = Model(a.model, optimise=not a.no_optimiser).translate(english, a.beams)
    report = dict(set=(a.set or Path("en-fr.dev.tsv")).name, beams=a.beams,
                  translation=scores(sources, hypotheses, [normalise(f) for f in french]))
    if a.against:
        new = [i for i, is_new in enumerate(fresh(english, a.against)) if is_new]
        report["shares_no_8_words"] = scores(*[[column[i] for i in new] for column in (
            ["all"] * len(rows), hypotheses, [normalise(f) for f in french])])["all"]
    if not a.no_alignment:
        report["alignment"] = alignment(a.model, a.data / "alibi_enfr.jsonl")
    text = json.dumps(report, indent=1)
    print(text)
    if a.out:
        a.out.write_text(text + "\n", encoding="utf-8")
        lines = ("\t".join(row) for row in zip(sources, english, french, hypotheses))
        a.out.with_suffix(".tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
