/** What is known of a model once it is loaded. */
import * as v from 'valibot';
import { id, attentionKindInfo, many, record } from './answerParts';
import { headList } from '../requests/requestParts';
import { count } from '../requests/wholeNumbers';
import { decodingSettings, type DecodingSettings } from '../decodingSettings';
import { taskName } from './taskAnswers';

/** A token that tells a model which language to write. */
const languageToken = record({
  id,
  /** As the tokenizer writes it: `fr`, `fr_XX`, `fra_Latn`. */
  code: v.string(),
});

/** Decoding settings of which none is left out. */
const allSettings = v.custom<Required<DecodingSettings>>(
  (value) => v.is(decodingSettings, value) && Object.keys(decodingSettings.entries).every((name) => name in value),
);

export const modelReport = record({
  modelId: v.string(),
  name: v.string(),
  /** Differs where its files do: what was measured of it is kept under this. */
  fingerprint: v.string(),
  family: v.picklist(['encoder-decoder', 'encoder-only', 'decoder-only']),
  kinds: many(attentionKindInfo),
  /** The most tokens the model takes, specials counted in (encoder, or prompt plus generation). */
  maxTokens: count,
  maxNewTokens: count,
  vocabularySize: count,
  /** Size of one head's key vector, where known: weights of texts longer than this are not identifiable (arXiv 1908.04211). 0 if unknown. */
  headDimension: count,
  /** Cross-attention heads that the model's maker names as aligning source and target; the first is shown first. */
  alignmentHeads: headList,
  /** True where the model fills in masked tokens (encoder-only with a language-model head). */
  fillsMasks: v.boolean(),
  /** True where a text can be put into the model's chat template (decoder-only models that have one). */
  chatTemplate: v.boolean(),
  /** What a model with a task head answers; left out of others. */
  task: v.exactOptional(taskName),
  /** True where it can read two texts as a pair; left out of others. */
  pairs: v.exactOptional(v.literal(true)),
  /** What the decoding settings begin with: what the model's maker generates with, or the usual values. */
  decoding: allSettings,
  /** Tokens that may be forced to come first, to choose the language; none of other models. */
  languages: many(languageToken),
  /** What was found and checked, one line each, for the log and the "about this model" view. */
  notes: many(v.string()),
});

export type LanguageToken = v.InferOutput<typeof languageToken>;
export type ModelReport = v.InferOutput<typeof modelReport>;
