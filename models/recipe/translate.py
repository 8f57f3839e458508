"""Translate with an exported model: ONNX Runtime, greedy or beam search, keys and values kept."""

import argparse
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

import paths
from text import normalise

LONGEST = 200       # tokens of a translation: sources longer than a few sentences are cut off
END = 0


def limit(source: int) -> int:
    """Steps at most for a source of so many tokens."""
    return min(LONGEST, int(source * 2.5) + 20)


class Model:
    def __init__(self, folder: Path, threads: int = 1, optimise: bool = True):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        if not optimise:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        self.encoder, self.decoder = (
            onnxruntime.InferenceSession(folder / "onnx" / f"{name}.onnx", options, providers=["CPUExecutionProvider"])
            for name in ("encoder_model", "decoder_model_merged"))
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.pad = self.tokenizer.token_to_id("<pad>")
        self.caches = [i.name for i in self.decoder.get_inputs() if i.name.startswith("past")]
        self.presents = [n.replace("past_key_values", "present") for n in self.caches]
        _, self.heads, _, self.D = next(i for i in self.decoder.get_inputs() if i.name.startswith("past")).shape

    def ids(self, text: str) -> list[int]:
        return self.tokenizer.encode(normalise(text)).ids

    def encode(self, sentences: list[list[int]]):
        mask = np.zeros((len(sentences), max(map(len, sentences))), np.int64)
        ids = np.full_like(mask, self.pad)
        for i, s in enumerate(sentences):
            ids[i, :len(s)], mask[i, :len(s)] = s, 1
        return self.encoder.run(None, dict(input_ids=ids, attention_mask=mask))[0], mask

    def logits(self, ids: np.ndarray, hidden, mask, past: dict | None = None):
        """ids [b, n] -> logits [b, n, vocabulary], keys and values."""
        empty = np.zeros((len(ids), self.heads, 0, self.D), np.float32)
        feeds = dict(input_ids=ids, encoder_hidden_states=hidden, encoder_attention_mask=mask,
                     use_cache_branch=np.array([past is not None]))
        feeds |= past or {n: np.zeros((len(ids), self.heads, mask.shape[1], self.D), np.float32) if ".encoder." in n
                          else empty for n in self.caches}
        first, *rest = self.decoder.run(["logits", *self.presents], feeds)
        return first, dict(zip(self.caches, rest))

    def batch(self, sentences: list[list[int]], beams: int) -> list[list[int]]:
        """Beam search, score / length as hypotheses end; one beam is greedy search."""
        n, k = len(sentences), beams
        hidden, mask = self.encode(sentences)
        hidden, mask = hidden.repeat(k, 0), mask.repeat(k, 0)
        live = np.arange(n)                               # sentences still searched
        words = np.full((n, k, 1), self.pad)
        score = np.full((n, k), -1e9)
        score[:, 0] = 0
        done = [[] for _ in range(n)]
        past, longest = None, limit(int(mask.sum(1).max()))
        for step in range(longest):
            z, new = self.logits(words[:, :, -1:].reshape(-1, 1), hidden, mask, past)
            past = new if past is None else {
                name: past[name] if ".encoder." in name else value for name, value in new.items()}
            z = z[:, -1].astype(np.float64)
            z[:, self.pad] = -np.inf
            top = z.max(1, keepdims=True)
            z = z - top - np.log(np.exp(z - top).sum(1, keepdims=True))
            total = score[:, :, None] + z.reshape(len(live), k, -1)
            flat = total.reshape(len(live), -1)
            best = np.argpartition(-flat, 2 * k, 1)[:, :2 * k] if k > 1 else flat.argmax(1)[:, None]
            best = np.take_along_axis(best, np.argsort(-np.take_along_axis(flat, best, 1), 1, kind="stable"), 1)
            origin = np.zeros((len(live), k), int)
            following = np.zeros((len(live), k), int)
            keep = []
            for row, i in enumerate(live):
                slot = 0
                for candidate in best[row]:
                    beam, word = divmod(int(candidate), z.shape[1])
                    value = flat[row, candidate]
                    if word == END:
                        if slot < k:
                            done[i].append((value / (step + 1), words[row, beam, 1:].tolist()))
                    elif slot < k:
                        origin[row, slot], following[row, slot], score[row, slot] = beam, word, value
                        slot += 1
                score[row, slot:] = -1e9
                if step == longest - 1 and not done[i]:
                    done[i].append((0.0, words[row, 0, 1:].tolist()))
                if slot and len(done[i]) < k:
                    keep.append(row)
            if not keep:
                break
            keep = np.array(keep)
            rows = (keep[:, None] * k + origin[keep]).reshape(-1)
            words = np.concatenate([words.reshape(-1, words.shape[2])[rows],
                                    following[keep].reshape(-1, 1)], 1).reshape(len(keep), k, -1)
            live, score = live[keep], score[keep]
            if k > 1 or len(rows) < len(hidden):
                past = {name: value[rows] for name, value in past.items()}
                hidden, mask = hidden[rows], mask[rows]
        return [max(d)[1] if d else [] for d in done]

    def translate(self, texts: list[str], beams: int = 1, together: int = 64) -> list[str]:
        sentences = [self.ids(t) for t in texts]
        order = sorted(range(len(texts)), key=lambda i: len(sentences[i]))
        out = [""] * len(texts)
        for at in range(0, len(order), together):
            here = order[at:at + together]
            for i, ids in zip(here, self.batch([sentences[i] for i in here], beams)):
                out[i] = self.tokenizer.decode(ids)
        return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, nargs="?", default=paths.SHIPPED)
    parser.add_argument("--beams", type=int, default=1)
    a = parser.parse_args()
    for line in Model(a.model).translate([line.rstrip("\n") for line in sys.stdin], a.beams):
        print(line)


if __name__ == "__main__":
    main()
