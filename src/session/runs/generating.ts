/** What the engine is asked for while a text is generated, and what is noted of it. */
import type { EngineApi, GenerateResult, GenerationEnd } from '../../protocol/engine';
import type { Generated, Guidance } from '../recipe/recipe';
import { nextStep } from '../recipe/replay';

/** An explanation that is being generated. */
export interface Generating {
  readonly explanation: string;
  readonly api: EngineApi;
  /** How many steps there are now. */
  readonly steps: number;
  readonly guidance: Guidance;
  /** Shows what the engine has now. */
  readonly take: (result: GenerateResult) => void;
  readonly guide: (by: Partial<Guidance>) => void;
}

/** Generates up to `maxSteps` more tokens. */
async function on(
  { explanation, api, take, guidance: { decoding } }: Generating,
  maxSteps: number,
  signal: AbortSignal,
): Promise<GenerationEnd> {
  const result = await api.generate({ explanation, maxSteps, ...(decoding && { decoding }) }, signal);
  take(result);
  return result.end;
}

/** Goes on from a step with another token than was chosen there; branches that came later are gone with their steps. */
async function branch(
  { explanation, api, take, guide, guidance }: Generating,
  at: { readonly step: number; readonly token: number },
  signal: AbortSignal,
): Promise<GenerationEnd> {
  const result = await api.branch({ explanation, ...at }, signal);
  take(result);
  guide({ branches: [...guidance.branches.filter(({ step }) => step < at.step), at] });
  return result.end;
}

/** Teacher-forces a text in place of what was generated. */
async function force(
  { explanation, api, take, guide }: Generating,
  text: string,
  signal: AbortSignal,
): Promise<GenerationEnd> {
  const result = await api.force({ explanation, text }, signal);
  take(result);
  guide({ forced: text, branches: [] });
  return result.end;
}

/** Comes to what was generated before: forces the same text, takes the same branches on the way. */
async function again(generating: Generating, plan: Generated, signal: AbortSignal): Promise<GenerationEnd> {
  if (plan.decoding !== generating.guidance.decoding) generating.guide({ decoding: plan.decoding });
  let done = { forced: false, branches: 0 };
  let end: GenerationEnd | null = null;
  let isAtEnd = false;
  for (;;) {
    signal.throwIfAborted();
    const step = nextStep(plan, { ...done, steps: generating.steps }, isAtEnd);
    // Where nothing is to be done the engine says where it stands.
    if (step === null) return end ?? on(generating, 0, signal);
    const before = generating.steps;
    switch (step.do) {
      case 'force':
        end = await force(generating, step.text, signal);
        done = { ...done, forced: true };
        break;
      case 'branch':
        end = await branch(generating, { step: step.step, token: step.token }, signal);
        done = { ...done, branches: done.branches + 1 };
        break;
      case 'generate':
        end = await on(generating, step.maxSteps, signal);
        if (end === 'stopped') return end;
        isAtEnd = generating.steps < before + step.maxSteps;
        break;
    }
  }
}

export const generate = { on, branch, force, again };
