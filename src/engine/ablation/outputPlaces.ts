/** What of a text is the model's output, and where the model predicts it. */
import type { ModelFamily, SequenceName } from '../../attention/types';
import { ExplainError } from '../../errors';
import type { MaskFill } from '../../protocol/engine';
import { say } from '../../text/say';

/** One token of the output. */
export interface OutputPlace {
  /** In its sequence. */
  readonly index: number;
  readonly id: number;
  /** The position whose logits predict it. */
  readonly row: number;
}

export interface ModelOutput {
  readonly sequence: SequenceName;
  readonly places: readonly OutputPlace[];
}

export interface OutputText {
  readonly family: ModelFamily;
  readonly source: readonly { readonly id: number; readonly special: boolean }[];
  readonly target: readonly { readonly id: number }[];
  /** Tokens that the target began with: the start token, or a prompt. */
  readonly given: number;
  readonly fills: readonly MaskFill[];
}

/**
 * What a model wrote; of a decoder-only model that has not written yet, its prompt from the second token on. Of an
 * encoder what its masks hide, or every token at its own place where nothing is masked.
 * @throws ExplainError INVALID_REQUEST where there is none
 */
export function outputPlaces({ family, source, target, given, fills }: OutputText): ModelOutput {
  const output = family === 'encoder-only' ? encoderOutput(source, fills) : writtenOutput(family, target, given);
  if (output.places.length === 0) throw new ExplainError('INVALID_REQUEST', say('engine.noOutput'));
  return output;
}

function writtenOutput(family: ModelFamily, target: OutputText['target'], given: number): ModelOutput {
  const from = family === 'decoder-only' && target.length === given ? 1 : given;
  const places = target.slice(from).map(({ id }, at): OutputPlace => ({ index: from + at, id, row: from + at - 1 }));
  return { sequence: 'target', places };
}

function encoderOutput(source: OutputText['source'], fills: readonly MaskFill[]): ModelOutput {
  const own = source.flatMap(({ id, special }, index): OutputPlace[] => (special ? [] : [{ index, id, row: index }]));
  const hidden = fills.flatMap(({ index, original, top }): OutputPlace[] => {
    const id = original?.id ?? top[0]?.id;
    return id === undefined ? [] : [{ index, id, row: index }];
  });
  return { sequence: 'source', places: hidden.length > 0 ? hidden : own };
}
