/** The ways to go on with the generation of an explanation that is on show. Pure: each says what to ask of the engine. */
import type { GenerationEnd } from '../../protocol/engine';
import { generate, type Generating } from './generating';
import type { DecodingSettings } from '../../protocol/decodingSettings';
import type { Generated } from '../recipe/recipe';
import { UNGUIDED, unguidedLike } from '../subject/subject';

export interface Continuation {
  readonly run: (generating: Generating, signal: AbortSignal) => Promise<GenerationEnd>;
  /** How many steps it is to come to, from so many; null where a try that failed is not gone on with. */
  readonly goal: ((steps: number) => number) | null;
  /** What was generated before and is being come back to. */
  readonly left?: Generated;
}

/** To what was generated before, where coming back to it was stopped or failed. */
export const backTo = (left: Generated): Continuation => ({
  run: (generating, signal) => generate.again(generating, left, signal),
  goal: null,
  left,
});

/** Up to `maxSteps` more tokens, each the model's own choice. */
export const goOn = (maxSteps: number): Continuation => ({
  run: (generating, signal) => generate.on(generating, maxSteps, signal),
  goal: (steps) => steps + maxSteps,
});

/** Drops all that was generated; nothing is generated yet. */
export const startAnew: Continuation = {
  run: async ({ explanation, api, take, guide, guidance }, signal) => {
    const result = await api.branch({ explanation, step: 0, token: -1 }, signal);
    take(result);
    guide(unguidedLike(guidance));
    return result.end;
  },
  goal: null,
};

/** From `step` with `token` instead of what was chosen there, and up to `maxSteps` tokens after it. */
export const branchOff = (step: number, token: number, maxSteps: number): Continuation => ({
  run: async (generating, signal) => {
    await generate.branch(generating, { step, token }, signal);
    return generate.on(generating, maxSteps, signal);
  },
  goal: () => step + 1 + maxSteps,
});

/** From the start again, up to `maxSteps` tokens, which are chosen by these settings. */
export const chosenBy = (decoding: DecodingSettings | null, maxSteps: number): Continuation => ({
  run: async (generating, signal) => {
    const { explanation, api, take, guide } = generating;
    take(await api.branch({ explanation, step: 0, token: -1, ...(decoding && { decoding }) }, signal));
    guide({ ...UNGUIDED, decoding });
    return generate.on(generating, maxSteps, signal);
  },
  goal: () => maxSteps,
});

/** Another text of the search, by its last token's place in the tree. */
export const opened = (token: number): Continuation => ({
  run: (generating, signal) => generate.open(generating, token, signal),
  goal: null,
});

/** `text` in place of what was generated, teacher-forced. */
export const scored = (text: string): Continuation => ({
  run: (generating, signal) => generate.force(generating, text, signal),
  goal: null,
});
