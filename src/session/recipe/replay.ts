/** How to come to the same generated text again: force what was forced, generate to each branch, take it, go on. */
import type { BeamPlace, Generated } from './recipe';

/** What to ask of the engine next. */
export type ReplayStep =
  | { readonly do: 'force'; readonly text: string }
  | { readonly do: 'branch'; readonly step: number; readonly token: number }
  | { readonly do: 'generate'; readonly maxSteps: number }
  | { readonly do: 'open'; readonly token: number };

/** How much of a plan is done. */
export interface ReplayProgress {
  readonly forced: boolean;
  /** How many of the branches were taken. */
  readonly branches: number;
  readonly steps: number;
  /** The search that the text is of; null where there is none. */
  readonly beam: BeamPlace | null;
  /** Whether the wanted text of that search was asked for. */
  readonly opened: boolean;
}

/** Searches as far as was searched, then opens the text that was on show; null once that is done. */
function towards(wanted: BeamPlace, { beam, opened }: ReplayProgress, isAtEnd: boolean): ReplayStep | null {
  const depth = beam?.depth ?? 0;
  if (depth < wanted.depth && !isAtEnd) return { do: 'generate', maxSteps: wanted.depth - depth };
  if (opened || !beam || wanted.token === null || wanted.token === beam.token) return null;
  return { do: 'open', token: wanted.token };
}

/**
 * The next step of a plan; null once nothing is left of it. A branch at a step that the model does not come to any more
 * ends the plan's branches: what follows from it would be another text.
 */
export function nextStep(plan: Generated, done: ReplayProgress, isAtEnd: boolean): ReplayStep | null {
  if (plan.forced !== null && !done.forced) return { do: 'force', text: plan.forced };
  const branch = plan.branches[done.branches];
  if (branch) {
    const { step, token, beam } = branch;
    const before = beam ? towards(beam, done, isAtEnd) : null;
    if (before) return before;
    if (done.steps > step) return { do: 'branch', step, token };
    if (!isAtEnd && !beam) return { do: 'generate', maxSteps: step + 1 - done.steps };
    return null;
  }
  if (plan.beam) return towards(plan.beam, done, isAtEnd);
  return done.steps < plan.steps && !isAtEnd ? { do: 'generate', maxSteps: plan.steps - done.steps } : null;
}
