"""Shared byte-level BPE of 12,000 after normalisation: lossless for code, any script and white space.

in:  <work>/train.tsv
out: <work>/tokenizer.json, <work>/tokens.npz
     tokens.npz: en, fr uint16 [tokens] without </s>; en_at, fr_at int64 [pairs + 1];
                 then_en, then_fr, then_en_at, then_fr_at: the same texts after a space;
                 source uint8 [pairs]; sources str [names]; newline: id of a line's end

Ids: </s> 0, <unk> 1 (never produced), 256 bytes, merges, <pad> last (also the decoder's start).
"""

import argparse
import json
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

import paths
from groups import group_of, shares
from text import normalizer

VOCABULARY = 12000
SAMPLE = 400_000        # pairs that the vocabulary is learnt from, mixed as in training
END, UNKNOWN, PAD = "</s>", "<unk>", "<pad>"


def read(path: Path) -> list[list[str]]:
    with open(path, encoding="utf-8", newline="\n") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def sample(pairs: list[list[str]], count: int = SAMPLE):
    """Both sides of `count` pairs, each group as often as in training (a small group: all it has)."""
    random = np.random.default_rng(1)
    by_group = {}
    for i, pair in enumerate(pairs):
        by_group.setdefault(group_of(pair[0]), []).append(i)
    for name, share in shares(end=False).items():
        have = by_group.get(name, [])
        for i in random.permutation(have)[:max(1, int(count * share))]:
            yield from pairs[i][1:]


def with_normalizer(tokenizer: Tokenizer) -> Tokenizer:
    """The same tokenizer, doing what text.normalise does."""
    content = json.loads(tokenizer.to_str())
    content["normalizer"] = normalizer()
    return Tokenizer.from_str(json.dumps(content))


def train(texts, vocabulary: int = VOCABULARY) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=vocabulary - 1, special_tokens=[END, UNKNOWN], show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), max_token_length=24))
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(PAD, special=True, normalized=False)])
    end = tokenizer.token_to_id(END)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", pair=f"$A $B {END}", special_tokens=[(END, end)])
    return tokenizer


def ids(tokenizer: Tokenizer, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Flat ids and where each text begins: uint16 [tokens], int64 [texts + 1]."""
    encoded = [e.ids for e in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
    at = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(e) for e in encoded], out=at[1:])
    return np.concatenate([np.asarray(e, np.uint16) for e in encoded]), at


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=paths.WORK)
    parser.add_argument("--vocabulary", type=int, default=VOCABULARY)
    arguments = parser.parse_args()

    pairs = read(arguments.work / "train.tsv")
    path = arguments.work / "tokenizer.json"
    if path.exists():
        tokenizer = Tokenizer.from_file(str(path))
    else:
        tokenizer = with_normalizer(train(sample(pairs), arguments.vocabulary))
        tokenizer.save(str(path))
    for text in ("if (a\t!= b) {\n    return 'é';  \n}", "日本語 🙂 \\u0000", "  two  spaces "):
        if tokenizer.decode(tokenizer.encode(text).ids) != text:
            raise SystemExit(f"not lossless: {json.dumps(text)}")

    tokenizer.normalizer = None      # train.tsv is normalised: a hundred idle steps for each of its lines
    cache = {}
    for column, name in ((1, "en"), (2, "fr")):
        for before, prefix in (("", ""), (" ", "then_")):
            cache[prefix + name], cache[f"{prefix}{name}_at"] = ids(tokenizer, [before + pair[column] for pair in pairs])
    sources = sorted({pair[0] for pair in pairs})
    number = {name: i for i, name in enumerate(sources)}
    part = arguments.work / "tokens.part.npz"
    np.savez(part, **cache, source=np.array([number[pair[0]] for pair in pairs], np.uint8), sources=np.array(sources),
             newline=tokenizer.encode("\n", add_special_tokens=False).ids[0])
    part.replace(arguments.work / "tokens.npz")
    print(f"{tokenizer.get_vocab_size()} tokens; {len(pairs)} pairs, "
          f"{len(cache['en']) / len(pairs):.1f} English and {len(cache['fr']) / len(pairs):.1f} French tokens a pair")


if __name__ == "__main__":
    main()
