/** Loading a model: its files, and what is known of it then. */
import type { HeadRef, KindInfo, ModelFamily } from '../../attention/types';
import type { DecodingSettings } from '../decodingSettings';
import type { ModelKey } from './modelKey';
import type { TaskName } from './taskMessages';
import type { ExplainRequest } from './textMessages';

/** A model's files by their path inside its folder, with forward slashes: `config.json`, `onnx/encoder_model.onnx`, … */
export type ModelFiles = Readonly<Record<string, Uint8Array>>;

export interface LoadRequest extends ModelKey {
  readonly name: string;
  readonly files: ModelFiles;
  /** Sizes in bytes, by path, of files that `file` brings while the model is loaded. */
  readonly coming?: Readonly<Record<string, number>>;
  /** The text that is to be read: its tokens are told as soon as there is a tokenizer (event `tokens`). */
  readonly text?: Omit<ExplainRequest, 'model'>;
  /** Texts of more tokens are read a sentence at a time: the model was trained on no longer ones. No such bound if left out. */
  readonly sentencesBeyond?: number;
  /** Asks for the self-test to be skipped where it passed before; a `tested` event tells what to keep for the next time. */
  readonly trial?: {
    /** Which version of the extension runs. */
    readonly version: string;
    /** What was kept, as it came back from storage. */
    readonly kept: unknown;
  };
}

/** One file of a model that is being loaded. */
export interface ArrivedFile extends ModelKey {
  readonly path: string;
  readonly bytes: Uint8Array;
}

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
