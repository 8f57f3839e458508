/** Runs a model over a text's tokens: its encoder, with what that answers or fills in, or a decoder-only model over its prompt. */
import type { AttentionStore } from '../../attention/attentionStore';
import type { Token } from '../../attention/types';
import type { Alternative, MaskFill, TaskAnswer } from '../../protocol/engine';
import { deliver } from '../../transformer/capture';
import { isTokenLogits, readFills, type MaskedPlace, type RawFill } from '../../transformer/fill';
import { Generation } from '../../transformer/generation';
import type { TokenProbability } from '../../transformer/probabilities';
import type { Tensor } from '../../transformer/tensorSession';
import { nextTask } from '../macrotask';
import type { ModelReader } from '../ablation/gatedReader';
import type { LoadedModel } from '../model/loadedModel';
import { taskAnswer } from '../task/taskAnswer';
import { sequencesIn } from './sequenceIds';

/** What is run over. */
export interface TextToRun {
  readonly source: readonly Token[];
  /** What the decoder has before its first step. */
  readonly target: readonly Token[];
  readonly masks: readonly MaskedPlace[];
  /** The ids of a text that this one is compared with, and how many tokens of it were left out. */
  readonly other: { readonly ids: readonly number[]; readonly cut: number } | undefined;
  /** What reads it: the model as it is, or with heads off. */
  readonly reader: ModelReader;
}

/** What a run leaves behind, with tensors of the model until they are disposed of. */
export interface TextRun {
  readonly fills: readonly MaskFill[];
  /** What a model with a task head answers; undefined of others. */
  readonly answer: TaskAnswer | undefined;
  /** The encoder's states, which every decoder pass reads. */
  readonly states: Tensor | undefined;
  /** Of models that write. */
  readonly generation: Generation | undefined;
}

/**
 * @param store gets the attention
 * @param told how much of a long text is read, 0 to 1
 */
export async function runText(
  model: LoadedModel,
  { source, target, masks, other, reader }: TextToRun,
  store: AttentionStore,
  told: ((fraction: number) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<TextRun> {
  const { spec, report, head } = model;
  const { encoder, decoder } = reader;
  let states: Tensor | undefined;
  let generation: Generation | undefined;
  let fills: readonly MaskFill[] = [];
  let answer: TaskAnswer | undefined;
  try {
    if (encoder) {
      const { source: ids, types } = sequencesIn({ source, target });
      const pass = await encoder.run(ids, { types, also: head?.also ?? [] });
      deliver(pass.weights, store, 0);
      if (decoder) states = pass.output;
      else if (head) {
        const second = other && (await encoder.run(other.ids, { also: head.also }));
        const read = second && { pass: second, positions: other.ids.length, cut: other.cut };
        answer = await taskAnswer(head, pass, source, read);
      } else fills = await fillsOf(pass.output, source.length, masks, model);
    }
    if (decoder) {
      const given = target.map(({ id }) => id);
      const { keep, room } = model.limits.reading(given.length);
      generation = new Generation({
        spec,
        decoder,
        encoder: states && { states, length: source.length },
        given,
        limit: Math.min(room, given.length + report.maxNewTokens),
        room,
        receiver: store,
        keep,
        pause: (fraction) => {
          told?.(fraction);
          return nextTask();
        },
      });
      if (!encoder) await generation.prefill(signal);
    }
    return { fills, answer, states, generation };
  } catch (thrown) {
    generation?.dispose();
    states?.dispose();
    throw thrown;
  }
}

async function fillsOf(
  output: Tensor,
  tokens: number,
  masks: readonly MaskedPlace[],
  { tokenizer }: LoadedModel,
): Promise<readonly MaskFill[]> {
  if (masks.length === 0 || !isTokenLogits(output, tokens, 1)) {
    output.dispose();
    return [];
  }
  const named = ({ id, probability }: TokenProbability): Alternative => ({
    id,
    text: tokenizer.tokenText(id),
    probability,
  });
  const fills = await readFills(output, masks);
  return fills.map(({ index, top, original }: RawFill) => ({
    index,
    top: top.map(named),
    original: original && { ...named(original), rank: original.rank },
  }));
}
