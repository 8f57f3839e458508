/**
 * The explanations that the engine keeps. The host says which it no longer shows (`release`); a bound on how many there are holds in
 * case it does not say so, and where explanations are too large to be kept together.
 */
import { ExplainError } from '../errors';
import { say } from '../text/say';
import type { ComputedExplanation } from './text/computedExplanation';

/** Several panels, each with an explanation and the one that it may come back to. */
const MOST = 8;
const MOST_BYTES = 2e9;

export interface Held {
  readonly id: string;
  readonly bytes: number;
}

/**
 * Which explanations to let go of, oldest first; called once the newest is there, which always stays, however large:
 * what it takes the place of must not be gone before it exists.
 * @param held the oldest first, the newest last
 */
export function excess(held: readonly Held[]): readonly string[] {
  let count = held.length;
  let bytes = held.reduce((sum, one) => sum + one.bytes, 0);
  const gone: string[] = [];
  for (const one of held.slice(0, -1)) {
    if (count <= MOST && bytes <= MOST_BYTES) break;
    gone.push(one.id);
    count--;
    bytes -= one.bytes;
  }
  return gone;
}

export class KeptExplanations {
  /** The oldest first. */
  readonly #byId = new Map<string, ComputedExplanation>();

  /** @throws ExplainError EXPLANATION_GONE */
  require(id: string): ComputedExplanation {
    const explanation = this.#byId.get(id);
    if (!explanation) throw new ExplainError('EXPLANATION_GONE', say('engine.explanationGone'));
    return explanation;
  }

  /** Keeps one, in place of another of its id; the oldest are let go of where there are too many. */
  add(explanation: ComputedExplanation): void {
    this.forget(explanation.id);
    this.#byId.set(explanation.id, explanation);
    const held = [...this.#byId].map(([id, { bytes }]) => ({ id, bytes }));
    for (const id of excess(held)) this.forget(id);
  }

  forget(id: string): void {
    this.#byId.get(id)?.dispose();
    this.#byId.delete(id);
  }

  /** What an unloaded model's explanations need to go on is freed; their weights stay. */
  settle(): void {
    for (const explanation of this.#byId.values()) if (explanation.orphaned) explanation.dispose();
  }
}
