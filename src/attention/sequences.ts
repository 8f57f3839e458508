/** Which of the two sequences is a model's input, and which its output. An unknown family counts as an encoder-decoder. */
import type { ModelFamily, SequenceName } from './types';

/** The source, or what a decoder-only model was given, with which its target begins. */
export const inputSequence = (family: ModelFamily | undefined): SequenceName =>
  family === 'decoder-only' ? 'target' : 'source';

/** What a decoder writes, or what an encoder-only model has read. */
export const outputSequence = (family: ModelFamily | undefined): SequenceName =>
  family === 'encoder-only' ? 'source' : 'target';
