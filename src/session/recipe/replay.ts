/** How to come to the same generated text again: force what was forced, generate to each branch, take it, go on. */
import type { Generated } from './recipe';

/** What to ask of the engine next. */
export type ReplayStep =
  | { readonly do: 'force'; readonly text: string }
  | { readonly do: 'branch'; readonly step: number; readonly token: number }
  | { readonly do: 'generate'; readonly maxSteps: number };

/** How much of a plan is done. */
export interface ReplayProgress {
  readonly forced: boolean;
  /** How many of the branches were taken. */
  readonly branches: number;
  readonly steps: number;
}

/**
 * The next step of a plan; null once nothing is left of it. A branch at a step that the model does not come to any more
 * ends the plan's branches: what follows from it would be another text.
 */
export function nextStep(plan: Generated, done: ReplayProgress, isAtEnd: boolean): ReplayStep | null {
  if (plan.forced !== null && !done.forced) return { do: 'force', text: plan.forced };
  const branch = plan.branches[done.branches];
  if (branch) {
    if (done.steps > branch.step) return { do: 'branch', ...branch };
    if (!isAtEnd) return { do: 'generate', maxSteps: branch.step + 1 - done.steps };
    return null;
  }
  return done.steps < plan.steps && !isAtEnd ? { do: 'generate', maxSteps: plan.steps - done.steps } : null;
}
