"""The distributions that transformers' logits processors make of fixed logits: test/fixtures/decoding.json.

python decoding.py > ../fixtures/decoding.json        (pip install torch transformers)
"""

import json

import torch
from transformers import (
    LogitsProcessorList, MinPLogitsWarper, NoRepeatNGramLogitsProcessor, RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper,
)

CASES = [
    {}, {"temperature": 0.7}, {"temperature": 2.5}, {"topK": 5}, {"topK": 1}, {"topK": 1000}, {"topP": 0.9}, {"topP": 0.3},
    {"topP": 0.01}, {"minP": 0.1}, {"minP": 1.0}, {"temperature": 0.6, "topK": 8, "topP": 0.8},
    {"temperature": 1.4, "topP": 0.95, "minP": 0.05}, {"temperature": 0.1, "topK": 20, "topP": 0.99, "minP": 0.02},
    {"repetitionPenalty": 1.3}, {"noRepeatNgram": 2}, {"repetitionPenalty": 1.2, "noRepeatNgram": 3, "temperature": 0.8, "topK": 10},
]
TARGET = [3, 7, 11, 3, 7]


def distribution(logits, case):
    made = []
    if case.get("repetitionPenalty", 1) != 1:
        made.append(RepetitionPenaltyLogitsProcessor(case["repetitionPenalty"]))
    if case.get("noRepeatNgram", 0):
        made.append(NoRepeatNGramLogitsProcessor(case["noRepeatNgram"]))
    if case.get("temperature", 1) != 1:
        made.append(TemperatureLogitsWarper(case["temperature"]))
    if case.get("topK", 0):
        made.append(TopKLogitsWarper(case["topK"]))
    if case.get("topP", 1) < 1:
        made.append(TopPLogitsWarper(case["topP"]))
    if case.get("minP", 0):
        made.append(MinPLogitsWarper(case["minP"]))
    scores = LogitsProcessorList(made)(torch.tensor([TARGET]), torch.tensor([logits], dtype=torch.float32))
    return [round(p, 9) for p in scores.double().softmax(-1)[0].tolist()]


def main():
    torch.manual_seed(5)
    logits = [round(x, 4) for x in (3 * torch.randn(40)).tolist()]
    logits[20] = logits[21]                              # equal ones
    tied = [1.0] * 6 + [0.5] * 6
    print(json.dumps({"target": TARGET, "of": [
        {"logits": row, "cases": [{"settings": case, "distribution": distribution(row, case)} for case in CASES]}
        for row in (logits, tied)
    ]}))


main()
