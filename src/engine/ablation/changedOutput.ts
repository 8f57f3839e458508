/** How likely each token of an output is with and without something, and what the model writes without it. */
import { ExplainError } from '../../errors';
import type { DecodingSettings } from '../../protocol/decodingSettings';
import type { ChangedToken, OutputChange } from '../../protocol/engine';
import { say } from '../../text/say';
import { BeamRun, type SearchStart } from '../../transformer/decoding/beamRun';
import { Generation } from '../../transformer/generation';
import type { Fed } from '../../transformer/readInParts';
import { logProbabilityOf, topTokens } from '../../transformer/probabilities';
import { nextTask } from '../macrotask';
import { alternativeOf } from '../text/alternative';
import type { ComputedExplanation } from '../text/computedExplanation';
import { searchSettings, type SearchSettings } from '../text/searchSettings';
import { readWritten } from '../text/writtenTokens';
import { logitsRow, type GatedRuns, type TextLogits } from './gatedRuns';
import type { Gates } from './gates';
import type { OutputPlace } from './outputPlaces';

/** A place of the output, and the position whose logits predict it in the changed text. */
export interface ChangedPlace extends OutputPlace {
  readonly changedRow: number;
}

export function tokenChanges(
  { model }: ComputedExplanation,
  places: readonly ChangedPlace[],
  before: readonly number[],
  logits: TextLogits,
): readonly ChangedToken[] {
  return places.map(({ index, id, changedRow }, at) => {
    const row = logitsRow(logits, changedRow);
    const [likeliest] = topTokens(row, 1);
    if (!likeliest) throw new ExplainError('INTERNAL', say('engine.noOutput'));
    return {
      index,
      before: before[at] as number, // one for each place
      after: logProbabilityOf(row, id),
      likeliest: alternativeOf(likeliest, model.tokenizer),
    };
  });
}

/** Takes the weights of a run that is made for its output alone, and keeps nothing. */
const NO_RECEIVER = { append: () => undefined, takeKeys: () => undefined, truncate: () => undefined };

/** The tokens that are written after those given: one by one, or by a search, as the settings say. */
async function idsWritten(
  generation: Generation,
  steps: number,
  decoding: DecodingSettings | undefined,
  signal: AbortSignal | undefined,
  searchFrom: (start: SearchStart, choosing: SearchSettings) => BeamRun,
): Promise<readonly number[]> {
  const choosing = searchSettings(decoding);
  if (!choosing) {
    for await (const _ of generation.run(steps, signal, decoding)) await nextTask();
    return generation.steps.map(({ chosen }) => chosen.id);
  }
  const start = await generation.searchStart(choosing, signal);
  if (!start) return [];
  const run = searchFrom(start, choosing);
  for await (const _ of run.run(Infinity, signal)) await nextTask();
  const { search } = run;
  run.dispose();
  return search.path(search.best);
}

/**
 * What the model writes after `given` by these runs, as many tokens at most as its text has.
 * @throws AbortError
 */
export async function writtenAgain(
  { model, tokens, outputText }: ComputedExplanation,
  runs: GatedRuns,
  gates: Gates,
  given: readonly number[],
  decoding: DecodingSettings | undefined,
  signal: AbortSignal | undefined,
): Promise<OutputChange['written']> {
  const steps = tokens.target.length - outputText.given;
  if (model.report.family === 'encoder-only' || steps === 0) return [];
  const feed = runs.feed(gates);
  const decoder: Fed = { feed: (ids, _cache, states, wanted) => feed(ids, states, wanted) };
  const encoder = await runs.encoder(gates);
  const generation = new Generation({
    spec: model.spec,
    decoder,
    encoder,
    given,
    // The limit under which the text itself was written, so that the rule for a run's last token applies at the same place.
    limit: Math.min(model.limits.target, given.length + model.report.maxNewTokens),
    room: model.limits.target,
    receiver: NO_RECEIVER,
  });
  const ids = await idsWritten(generation, steps, decoding, signal, (start, choosing) => {
    return new BeamRun({ spec: model.spec, decoder, encoder, start, choosing });
  });
  signal?.throwIfAborted();
  return readWritten(ids.slice(0, steps), model.tokenizer);
}
