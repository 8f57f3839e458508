/**
 * The logit lens over a text (nostalgebraist 2020): at each place what the model would write next if its last norm and its
 * unembedding came after an earlier block. The model's own output is the row after the last one.
 */
import { contentOf } from '../../attention/content';
import { outputSequence } from '../../attention/sequences';
import { ExplainError } from '../../errors';
import type { LensCell, LensReport, LensRow } from '../../protocol/engine';
import { say } from '../../text/say';
import { MOST_SHARING } from '../../tokenizer/index';
import { probabilityOf, probabilityRank, topTokens } from '../../transformer/probabilities';
import { alternativeOf } from '../text/alternative';
import type { ComputedExplanation } from '../text/computedExplanation';
import { nextTask } from '../macrotask';
import { probeText } from '../probes/probedText';
import type { ProbedGraph } from '../probes/probeSessions';
import { cameAt } from './cameAt';

/** The set of sessions that the lens asks for. */
export const LENS = { probes: ['lens'] } as const;

/** So many bytes of logits are read at a time; a text of more places takes further passes. */
const MOST_BYTES = 64e6;
/** Tokens that are told of each place and block. */
const TOP = 5;

/** Places of a text: `from`, and up to `count` of them. */
export interface LensWanted {
  readonly from: number;
  readonly count: number;
}

/**
 * Reads the chosen places through the lens.
 * @returns no layers and no rows, and the reasons, where no block of the model can be read in this way
 * @throws ExplainError INVALID_REQUEST where there is no such place; AbortError
 */
export async function textLens(
  explanation: ComputedExplanation,
  graphs: readonly ProbedGraph[],
  { from, count }: LensWanted,
  signal: AbortSignal | undefined,
): Promise<LensReport> {
  const started = performance.now();
  const { model, tokens, sequences, outputText } = explanation;
  const sequence = outputSequence(model.report.family);
  const places = tokens[sequence].slice(from, from + count).map((_, at) => from + at);
  if (places.length === 0) throw new ExplainError('INVALID_REQUEST', say('engine.lensNoPlace'));
  const writer = graphs.flatMap(({ probed }) => probed.outputs.filter(({ measure }) => measure === 'lens'));
  const gaps = graphs.flatMap(({ probed }) => probed.gaps.filter(({ measure }) => measure === 'lens'));
  const reasons = [...new Set(gaps.filter(({ kind }) => isWriters(kind)).map(({ reason }) => reason))];
  const together = Math.max(1, Math.floor(MOST_BYTES / (4 * writer.length * Math.max(1, model.report.vocabularySize))));
  const rows: LensRow[] = [];
  let layers: readonly number[] = [];
  for (let at = 0; writer.length > 0 && at < places.length; at += together) {
    const some = places.slice(at, at + together);
    const answer = await probeText(model, graphs, sequences, { explanation: '', ...LENS, rows: some });
    const tensors = answer.tensors.filter(({ measure }) => measure === 'lens').sort((a, b) => a.layer - b.layer);
    layers = tensors.map(({ layer }) => layer);
    for (const [place, index] of some.entries()) {
      const came = cameAt(outputText, sequence, index);
      const before = sequences[sequence].slice(Math.max(0, index + 1 - MOST_SHARING), index + 1);
      const cells = tensors.map(({ data, dims }): LensCell => {
        const size = dims.at(-1) ?? 0;
        const logits = data.subarray(place * size, (place + 1) * size);
        return {
          top: topTokens(logits, TOP).map((one) => alternativeOf(one, model.tokenizer, before)),
          came:
            came === null ? null : { probability: probabilityOf(logits, came), rank: probabilityRank(logits, came) },
        };
      });
      rows.push({ index, came: came === null ? null : { id: came, ...model.tokenizer.after(before, came) }, cells });
    }
    await nextTask();
    signal?.throwIfAborted();
  }
  return {
    of: contentOf(tokens.source, tokens.target),
    sequence,
    length: tokens[sequence].length,
    layers,
    rows,
    gaps: reasons,
    milliseconds: performance.now() - started,
  };

  /** False for the encoder's blocks of a model whose decoder writes: the lens does not read them, so that they lack it is no gap. */
  function isWriters(kind: string): boolean {
    return model.report.family !== 'encoder-decoder' || kind !== 'encoder';
  }
}
