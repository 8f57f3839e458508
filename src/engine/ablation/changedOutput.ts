/** How likely each token of an output is with and without something, and what the model writes without it. */
import { ExplainError } from '../../errors';
import type { DecodingSettings } from '../../protocol/decodingSettings';
import type { ChangedToken, OutputChange } from '../../protocol/engine';
import { say } from '../../text/say';
import { Generation } from '../../transformer/generation';
import { logProbabilityOf, topTokens } from '../../transformer/probabilities';
import { nextTask } from '../macrotask';
import { alternativeOf } from '../text/alternative';
import type { ComputedExplanation } from '../text/computedExplanation';
import { readWritten } from '../text/writtenTokens';
import { logitsRow, type GatedRuns, type Gates, type TextLogits } from './gatedRuns';
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
  const generation = new Generation({
    spec: model.spec,
    decoder: { feed: (ids, _cache, encoder, wanted) => feed(ids, encoder, wanted) },
    encoder: await runs.encoder(gates),
    given,
    // The limit under which the text itself was written, so that the rule for a run's last token applies at the same place.
    limit: Math.min(model.limits.target, given.length + model.report.maxNewTokens),
    room: model.limits.target,
    receiver: NO_RECEIVER,
  });
  for await (const _ of generation.run(steps, signal, decoding)) await nextTask();
  signal?.throwIfAborted();
  return readWritten(generation.target.slice(given.length), model.tokenizer);
}
