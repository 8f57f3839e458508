/** Measuring a model's heads: it waits for what runs, and is begun anew after what the user starts meanwhile. */
import { ExplainError, isAbort, toExplainError } from '../../errors';
import type { EngineEvents, HeadScores, ModelReport } from '../../protocol/engine';
import type { JobQueue } from './jobQueue';
import type { EnginePort } from '../ports';
import type { ModelName } from '../subject/subject';

export interface MeasuringWanted {
  /** Everything, or only which head aligns best: that takes less time. */
  readonly parts: 'all' | 'alignment';
  readonly signal: AbortSignal;
  readonly told: (progress: EngineEvents['progress']) => void;
}

/** What was measured, and of which model. */
export interface Measured {
  readonly report: ModelReport;
  readonly scores: HeadScores;
}

/** @returns undefined where it was cancelled @throws ExplainError with the code of what failed */
export async function measureInTurn(
  engine: EnginePort,
  queue: JobQueue,
  model: ModelName,
  { parts, signal, told }: MeasuringWanted,
): Promise<Measured | undefined> {
  if (signal.aborted) return undefined;
  const owner = `heads of ${model.id}: ${parts}`;
  let outcome: Measured | ExplainError | undefined;
  const cancel = (): void => void queue.stop(owner);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    await queue.run({ owner, manner: 'in turn' }, async (own) => {
      const listening = engine.onProgress(told);
      try {
        const { api, key, report } = await engine.acquire(model, own);
        outcome = { report, scores: await api.measureHeads({ model: key, parts }, own) };
      } catch (thrown) {
        if (!isAbort(thrown)) outcome = toExplainError(thrown);
      } finally {
        listening.dispose();
      }
    });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  if (outcome instanceof ExplainError) throw outcome;
  return outcome;
}
