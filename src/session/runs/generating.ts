/** What the engine is asked for while a text is generated, and what is noted of it. */
import type { BeamReport, EngineApi, GenerateResult, GenerationEnd } from '../../protocol/engine';
import type { ExplanationSnapshot } from '../../protocol/panel';
import { hasBeams } from '../../protocol/decodingSettings';
import type { BeamPlace, Generated, Guidance } from '../recipe/recipe';
import { nextStep } from '../recipe/replay';

/** An explanation that is being generated. */
export interface Generating {
  readonly explanation: string;
  readonly api: EngineApi;
  /** How many steps there are now. */
  readonly steps: number;
  /** The search that the text is of. */
  readonly beams: BeamReport | null;
  readonly guidance: Guidance;
  /** Shows what the engine has now. */
  readonly take: (result: GenerateResult) => void;
  readonly guide: (by: Partial<Guidance>) => void;
}

/** What to keep of a search: how far it came, and which of its texts is on show. */
function beamPlaceOf(beams: BeamReport | null): BeamPlace | null {
  if (!beams || beams.depth === 0) return null;
  return { depth: beams.depth, token: beams.opened < 0 ? null : beams.opened };
}

/** How far a text on show was generated. */
export const generatedIn = (
  guidance: Guidance,
  { steps, beams }: Pick<ExplanationSnapshot, 'steps' | 'beams'>,
): Generated => ({ ...guidance, steps: steps.length, beam: beamPlaceOf(beams) });

/** Generates up to `maxSteps` more tokens, or searches so many steps further. */
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
  { explanation, api, take, guide, guidance, beams }: Generating,
  at: { readonly step: number; readonly token: number },
  signal: AbortSignal,
): Promise<GenerationEnd> {
  const gone = guidance.branches.find(({ step }) => step >= at.step);
  // What comes before the branch is of the search on show, or of the one that was left at the first branch that is gone.
  const beam = gone ? gone.beam : beamPlaceOf(beams);
  const result = await api.branch({ explanation, ...at }, signal);
  take(result);
  const kept = guidance.branches.filter(({ step }) => step < at.step);
  guide({ branches: [...kept, { ...at, ...(beam && { beam }) }] });
  return result.end;
}

/** Teacher-forces a text in place of what was generated. */
async function force(
  { explanation, api, take, guide, guidance: { decoding } }: Generating,
  text: string,
  signal: AbortSignal,
): Promise<GenerationEnd> {
  const result = await api.force({ explanation, text, ...(decoding && { decoding }) }, signal);
  take(result);
  guide({ forced: text, branches: [] });
  return result.end;
}

/** Shows another text of the search. */
async function open(
  { explanation, api, take }: Generating,
  token: number,
  signal: AbortSignal,
): Promise<GenerationEnd> {
  const result = await api.openBeam({ explanation, token }, signal);
  take(result);
  return result.end;
}

/** Comes to what was generated before: forces the same text, takes the same branches on the way, opens the same beams. */
async function again(generating: Generating, plan: Generated, signal: AbortSignal): Promise<GenerationEnd> {
  if (plan.decoding !== generating.guidance.decoding) generating.guide({ decoding: plan.decoding });
  let done = { forced: false, branches: 0, opened: false };
  let end: GenerationEnd | null = null;
  let isAtEnd = false;
  for (;;) {
    signal.throwIfAborted();
    const { steps, beams } = generating;
    const step = nextStep(plan, { ...done, steps, beam: beamPlaceOf(beams) }, isAtEnd);
    // Where nothing is to be done the engine says where it stands.
    if (step === null) return end ?? on(generating, 0, signal);
    switch (step.do) {
      case 'force':
        end = await force(generating, step.text, signal);
        done = { ...done, forced: true };
        break;
      case 'branch':
        end = await branch(generating, { step: step.step, token: step.token }, signal);
        done = { ...done, branches: done.branches + 1, opened: false };
        isAtEnd = false;
        break;
      case 'open':
        done = { ...done, opened: true };
        // A search by another provider may have found fewer: its best text stays.
        if (step.token < (beams?.tokens.length ?? 0)) end = await open(generating, step.token, signal);
        if (end === 'stopped') return end;
        break;
      case 'generate':
        end = await on(generating, step.maxSteps, signal);
        if (end === 'stopped') return end;
        // A search has made its steps, however long the text is that it came to.
        isAtEnd = hasBeams(plan.decoding) || generating.steps < steps + step.maxSteps;
        break;
    }
  }
}

export const generate = { on, branch, force, open, again };
