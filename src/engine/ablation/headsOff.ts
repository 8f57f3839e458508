/**
 * An output beside what it would be without some heads (Michel et al. 2019, 1905.10650) or links (Geva et al. 2023, 2304.14767): how
 * likely the model finds each of its tokens then, and what it writes instead. A head is off where its output is multiplied by 0
 * before the heads are joined, a link where its score is −∞ before the softmax.
 */
import { contentOf } from '../../attention/content';
import type { HeadRef, Knockout } from '../../attention/types';
import { ExplainError } from '../../errors';
import type { HeadsOffReport } from '../../protocol/engine';
import type { DecodingSettings } from '../../protocol/decodingSettings';
import { say } from '../../text/say';
import { logProbabilityOf } from '../../transformer/probabilities';
import type { ComputedExplanation } from '../text/computedExplanation';
import { nextTask } from '../macrotask';
import type { ProbedGraph } from '../probes/probeSessions';
import { tokenChanges, writtenAgain } from './changedOutput';
import { changedAnswer, givesAnswer } from './changedAnswer';
import { GatedRuns, logitsRow } from './gatedRuns';
import { gatesWithout } from './gates';
import { outputPlaces } from './outputPlaces';

export interface HeadsOffWanted {
  readonly off: readonly HeadRef[];
  /** None where it is left out. */
  readonly cut?: readonly Knockout[] | undefined;
  readonly decoding?: DecodingSettings | undefined;
}

/**
 * Runs the output's text again without the heads in `off` and the links in `cut`, and writes it anew from what the model was given.
 * @throws ExplainError INVALID_REQUEST where a head cannot be switched off, a link not be cut, or there is no output; AbortError
 */
export async function headsOff(
  explanation: ComputedExplanation,
  graphs: readonly ProbedGraph[],
  { off, cut = [], decoding }: HeadsOffWanted,
  signal: AbortSignal | undefined,
): Promise<HeadsOffReport> {
  const started = performance.now();
  const { model, tokens, sequences, outputText } = explanation;
  const whole = new GatedRuns(model, graphs, sequences);
  const runs = cut.length === 0 ? whole : new GatedRuns(model, graphs, sequences, cut);
  try {
    for (const link of cut) {
      const reason = runs.reasonAgainst(link, 'knockout');
      if (reason !== '') throw new ExplainError('INVALID_REQUEST', say('engine.linkStays', { reason }));
    }
    for (const head of off) {
      const reason = runs.reasonAgainst(head);
      if (reason !== '') throw new ExplainError('INVALID_REQUEST', say('engine.headStaysOn', { reason }));
    }
    const gates = gatesWithout(model.report.kinds, off);
    const of = contentOf(tokens.source, tokens.target);
    if (givesAnswer(explanation)) {
      const changed = await changedAnswer(explanation, graphs, runs, gates);
      return { of, off, cut, ...changed, milliseconds: performance.now() - started };
    }
    const { sequence, places } = outputPlaces(outputText);
    const plain = await whole.logits(gatesWithout(model.report.kinds, []));
    const before = places.map(({ id, row }) => logProbabilityOf(logitsRow(plain, row), id));
    await nextTask();
    signal?.throwIfAborted();
    const without = await runs.logits(gates);
    const changed = tokenChanges(
      explanation,
      places.map((place) => ({ ...place, changedRow: place.row })),
      before,
      without,
    );
    const given = sequences.target.slice(0, outputText.given);
    const written = await writtenAgain(explanation, runs, gates, given, decoding, signal);
    return {
      of,
      off,
      cut,
      sequence,
      tokens: changed,
      written,
      milliseconds: performance.now() - started,
    };
  } finally {
    whole.dispose();
    runs.dispose();
  }
}
