import type { DecoderStep, EngineEvents } from '../../protocol/engine';
import type { ExplanationSnapshot } from '../../protocol/panel';

/** A snapshot's generation with one more step; tokens before it may read otherwise now, as it completes their character. */
export function withStep(
  { steps, target }: Pick<ExplanationSnapshot, 'steps' | 'target'>,
  { step, token, completed = [] }: Pick<EngineEvents['step'], 'step' | 'token' | 'completed'>,
): Pick<ExplanationSnapshot, 'steps' | 'target'> {
  const from = target.length - completed.length;
  const read = steps.map((one): DecoderStep => {
    const now = completed[one.index - from];
    return now ? { ...one, chosen: { ...one.chosen, text: now.text, ...(now.parts && { parts: now.parts }) } } : one;
  });
  return { steps: [...read, step], target: [...target.slice(0, from), ...completed, token] };
}
