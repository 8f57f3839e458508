/** What is known of a model once it is loaded. */
import type { HeadRef, KindInfo, ModelFamily } from '../../attention/types';
import type { DecodingSettings } from '../decodingSettings';
import type { TaskName } from './taskAnswers';

/** A token that tells a model which language to write. */
export interface LanguageToken {
  readonly id: number;
  /** As the tokenizer writes it: `fr`, `fr_XX`, `fra_Latn`. */
  readonly code: string;
}

export interface ModelReport {
  readonly modelId: string;
  readonly name: string;
  /** Differs where its files do: what was measured of it is kept under this. */
  readonly fingerprint: string;
  readonly family: ModelFamily;
  readonly kinds: readonly KindInfo[];
  /** The most tokens the model takes, specials counted in (encoder, or prompt plus generation). */
  readonly maxTokens: number;
  readonly maxNewTokens: number;
  readonly vocabularySize: number;
  /** Size of one head's key vector, where known: weights of texts longer than this are not identifiable (arXiv 1908.04211). 0 if unknown. */
  readonly headDimension: number;
  /** Cross-attention heads that the model's maker names as aligning source and target; the first is shown first. */
  readonly alignmentHeads: readonly HeadRef[];
  /** True where the model fills in masked tokens (encoder-only with a language-model head). */
  readonly fillsMasks: boolean;
  /** True where a text can be put into the model's chat template (decoder-only models that have one). */
  readonly chatTemplate: boolean;
  /** What a model with a task head answers; left out of others. */
  readonly task?: TaskName;
  /** True where it can read two texts as a pair; left out of others. */
  readonly pairs?: true;
  /** What the decoding settings begin with: what the model's maker generates with, or the usual values. */
  readonly decoding: Required<DecodingSettings>;
  /** Tokens that may be forced to come first, to choose the language; none of other models. */
  readonly languages: readonly LanguageToken[];
  /** What was found and checked, one line each, for the log and the "about this model" view. */
  readonly notes: readonly string[];
}
