"""What transformers' own beam search finds, over the ONNX files that the tests run: test/fixtures/beams.json (small random models)
and test/fixtures/bundledBeams.json (the bundled model, 50 sentences).

python beams.py        (pip install torch transformers onnxruntime), in this folder. To be run again whenever the bundled model is replaced.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from tokenizers import Tokenizer
from transformers import AutoConfig, BartForConditionalGeneration, GenerationConfig, GPT2LMHeadModel, MarianMTModel
from transformers.modeling_outputs import BaseModelOutput, CausalLMOutput, Seq2SeqLMOutput

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent / "fixtures"
BUNDLED = HERE.parent.parent / "models" / "en-fr"


def session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def nothing_yet(inputs, batch):
    """Empty caches and a merged decoder's switch: every pass is over the whole text."""
    given = {}
    for one in inputs:
        if one.name == "use_cache_branch":
            given[one.name] = np.array([False])
        elif one.name.startswith("past_key_values"):
            heads, size = one.shape[1], one.shape[3]
            given[one.name] = np.zeros((batch, heads, 0 if "encoder" not in one.name else 1, size), np.float32)
    return given


class OnnxEncoder(torch.nn.Module):
    main_input_name = "input_ids"

    def __init__(self, path):
        super().__init__()
        self.session = session(path)

    def forward(self, input_ids, attention_mask, **_):
        ids, mask = input_ids.numpy(), attention_mask.numpy()
        [states] = self.session.run(["last_hidden_state"], {"input_ids": ids, "attention_mask": mask})
        return BaseModelOutput(last_hidden_state=torch.from_numpy(states))


def seq2seq(base, folder):
    """A transformers model whose numbers come from the ONNX files."""
    class Onnx(base):
        def get_encoder(self, *_, **__):
            return self.onnx_encoder

        def forward(self, decoder_input_ids=None, encoder_outputs=None, attention_mask=None, **_):
            states = encoder_outputs.last_hidden_state
            ids = decoder_input_ids.numpy()
            feeds = nothing_yet(self.onnx_decoder.get_inputs(), len(ids))
            feeds |= {
                "input_ids": ids, "encoder_hidden_states": states.numpy(), "encoder_attention_mask": attention_mask.numpy(),
            }
            [logits] = self.onnx_decoder.run(["logits"], feeds)
            return Seq2SeqLMOutput(logits=torch.from_numpy(logits))

    config = AutoConfig.from_pretrained(folder)
    small = AutoConfig.from_pretrained(folder)
    small.d_model = small.encoder_ffn_dim = small.decoder_ffn_dim = 8 * config.decoder_attention_heads
    model = Onnx(small).eval()
    graphs = folder / "onnx" if (folder / "onnx").exists() else folder
    model.onnx_encoder = OnnxEncoder(graphs / "encoder_model.onnx")
    model.onnx_decoder = session(graphs / "decoder_model_merged.onnx")
    return model


def causal(folder):
    class Onnx(GPT2LMHeadModel):
        def forward(self, input_ids=None, **_):
            ids = input_ids.numpy()
            feeds = nothing_yet(self.onnx.get_inputs(), len(ids))
            places = np.tile(np.arange(ids.shape[1]), (len(ids), 1))
            known = {"input_ids": ids, "attention_mask": np.ones_like(ids), "position_ids": places}
            feeds |= {one.name: known[one.name] for one in self.onnx.get_inputs() if one.name in known}
            [logits] = self.onnx.run(["logits"], feeds)
            return CausalLMOutput(logits=torch.from_numpy(logits))

    model = Onnx(AutoConfig.from_pretrained(folder)).eval()
    model.onnx = session(folder / "model.onnx")
    return model


def searched(model, ids, settings):
    """All texts that it ended with, best first: the tokens after what was given, without padding, and their scores."""
    config = GenerationConfig(**{"do_sample": False, "use_cache": False, **settings})
    config.num_return_sequences = config.num_beams
    given = torch.tensor([ids])
    with torch.no_grad():
        out = model.generate(
            given, attention_mask=torch.ones_like(given), generation_config=config, return_dict_in_generate=True, output_scores=True,
        )
    start = 1 if model.config.is_encoder_decoder else len(ids)
    beams = []
    for tokens, score, places in zip(out.sequences.tolist(), out.sequences_scores.tolist(), out.beam_indices.tolist()):
        if score > -1e8:
            length = sum(place >= 0 for place in places)
            beams.append({"tokens": tokens[start:start + length], "score": round(score, 6)})
    return beams


SOURCE = [47, 50, 67, 70, 70, 12, 86, 24, 39]
# By the names of generation_config.json. Several ends, so that texts of random models end at different lengths.
CASES = [
    {},
    {"length_penalty": 0.0},
    {"length_penalty": 2.0, "early_stopping": True},
    {"length_penalty": 1.5, "early_stopping": "never"},
    {"length_penalty": -1.0},
    {"num_beams": 2, "early_stopping": True},
    {"num_beams": 7, "no_repeat_ngram_size": 2},
    {"repetition_penalty": 1.4, "min_new_tokens": 6},
    {"suppress_tokens": [30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40], "max_new_tokens": 5},
]
FORCED = {"forced_bos_token_id": 17, "forced_eos_token_id": 3}


def small():
    made = []
    for name, base in (("sdpa-marian", MarianMTModel), ("sdpa-bart", BartForConditionalGeneration), ("sdpa-gpt2", None)):
        folder = FIXTURES / "transformers" / name
        model = seq2seq(base, folder) if base else causal(folder)
        config = AutoConfig.from_pretrained(folder)
        ends = [3, 9, 14, 27, 41, 58, 63, 72, 88, 95]
        own = {"num_beams": 4, "max_new_tokens": 12, "eos_token_id": ends, "pad_token_id": config.pad_token_id}
        if base:
            own |= {"decoder_start_token_id": config.decoder_start_token_id}
            if base is MarianMTModel:                          # as in the generation_config.json of every Marian model on the hub
                own |= {"bad_words_ids": [[config.pad_token_id]]}
        else:
            own["pad_token_id"] = 0
        # A pass of BART's takes long: every third case will do.
        cases = CASES[::3] if base is BartForConditionalGeneration else CASES
        for case in cases + ([FORCED] if base else []):
            made.append({"model": name, "ids": SOURCE, "settings": own | case, "beams": searched(model, SOURCE, own | case)})
    return made


def bundled():
    tokenizer = Tokenizer.from_file(str(BUNDLED / "tokenizer.json"))
    model = seq2seq(MarianMTModel, BUNDLED)
    own = json.loads((BUNDLED / "generation_config.json").read_text())
    keep = ("decoder_start_token_id", "eos_token_id", "pad_token_id", "forced_eos_token_id", "bad_words_ids", "max_length")
    settings = {name: own[name] for name in keep if name in own} | {"num_beams": 4}
    of = [{"text": text, "beams": searched(model, tokenizer.encode(text).ids, settings)} for text in TEXTS]
    decoder = (BUNDLED / "onnx" / "decoder_model_merged.onnx").read_bytes()
    return [{"decoder": hashlib.sha256(decoder).hexdigest()}, *of]


# Fifty, and short: each is searched again at every run of the tests.
TEXTS = [
    "The cat sat on the mat.", "She opened the old book.", "We walked along the river.", "Nobody knew why.",
    "My brother works in a bank.", "It was raining.", "The children are playing.", "He gave her a red hat.",
    "The train is late again.", "I have never seen him.", "They did not answer.", "The white horse ran away.",
    "Winter came early.", "Can you close the door?", "The king had three daughters.", "There is a small shop.",
    "The doctor told him to rest.", "Two men were waiting.", "The soup is too hot.", "She was happy.",
    "An old man sat by the fire.", "You must not tell anyone.", "The door was open.", "What time is it?",
    "He lost his keys.", "We are not ready.", "The sea was calm.", "Her mother is ill.",
    "I will come back tomorrow.", "The dog is sleeping.", "They live near the station.", "Who wrote this letter?",
    "The house is empty.", "He speaks very slowly.", "She has two sisters.", "The bread is on the table.",
    "It is cold today.", "The soldiers left at night.", "I do not understand.", "Close your eyes.",
    "The garden is full of flowers.", "He ran as fast as he could.", "Everyone was silent.", "The bird flew over the roof.",
    "Give me your hand.", "The old bridge fell.", "She sang a sad song.", "We found a way out.",
    "The moon was bright.", "Good night, my friend.",
]


def write(name, made):
    with open(FIXTURES / name, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in made) + "\n]\n")


write("beams.json", small())
write("bundledBeams.json", bundled())
