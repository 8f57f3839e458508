/**
 * An output beside what it would be without some heads (Michel et al. 2019, 1905.10650): how likely the model finds each
 * of its tokens then, and what it writes instead. A head is off where its output is multiplied by 0 before the heads are joined.
 */
import { contentOf } from '../../attention/content';
import type { HeadRef } from '../../attention/types';
import { ExplainError } from '../../errors';
import type { ChangedToken, HeadsOffReport } from '../../protocol/engine';
import type { DecodingSettings } from '../../protocol/decodingSettings';
import { say } from '../../text/say';
import { Generation } from '../../transformer/generation';
import { logProbabilityOf, topTokens } from '../../transformer/probabilities';
import { alternativeOf } from '../text/alternative';
import type { ComputedExplanation } from '../text/computedExplanation';
import { nextTask } from '../macrotask';
import type { ProbedGraph } from '../probes/probeSessions';
import { readWritten } from '../text/writtenTokens';
import { gatesWithout, GatedRuns, logitsRow } from './gatedRuns';
import { outputPlaces } from './outputPlaces';

export interface HeadsOffWanted {
  readonly off: readonly HeadRef[];
  readonly decoding?: DecodingSettings | undefined;
}

/** Takes the weights of a run that is made for its output alone, and keeps nothing. */
const NO_RECEIVER = { append: () => undefined, takeKeys: () => undefined, truncate: () => undefined };

/**
 * Runs the output's text again without the heads in `off`, and writes it anew from what the model was given.
 * @throws ExplainError INVALID_REQUEST where a head cannot be switched off or there is no output; AbortError
 */
export async function headsOff(
  explanation: ComputedExplanation,
  graphs: readonly ProbedGraph[],
  { off, decoding }: HeadsOffWanted,
  signal: AbortSignal | undefined,
): Promise<HeadsOffReport> {
  const started = performance.now();
  const { model, tokens, sequences, outputText } = explanation;
  const { sequence, places } = outputPlaces(outputText);
  const runs = new GatedRuns(model, graphs, sequences);
  try {
    for (const head of off) {
      const reason = runs.reasonAgainst(head);
      if (reason !== '') throw new ExplainError('INVALID_REQUEST', say('engine.headStaysOn', { reason }));
    }
    const gates = gatesWithout(model.report.kinds, off);
    const plain = await runs.logits(gatesWithout(model.report.kinds, []));
    const before = places.map(({ id, row }) => logProbabilityOf(logitsRow(plain, row), id));
    await nextTask();
    signal?.throwIfAborted();
    const without = await runs.logits(gates);
    const changed = places.map(({ index, id, row }, at): ChangedToken => {
      const logits = logitsRow(without, row);
      const [likeliest] = topTokens(logits, 1);
      if (!likeliest) throw new ExplainError('INTERNAL', say('engine.noOutput'));
      return {
        index,
        before: before[at] as number, // one for each place
        after: logProbabilityOf(logits, id),
        likeliest: alternativeOf(likeliest, model.tokenizer),
      };
    });
    const count = tokens.target.length - outputText.given;
    const written = sequence === 'target' && count > 0 ? await rewritten(count) : [];
    return {
      of: contentOf(tokens.source, tokens.target),
      off,
      sequence,
      tokens: changed,
      written,
      milliseconds: performance.now() - started,
    };

    async function rewritten(steps: number): Promise<HeadsOffReport['written']> {
      const feed = runs.feed(gates);
      const given = sequences.target.slice(0, outputText.given);
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
  } finally {
    runs.dispose();
  }
}
