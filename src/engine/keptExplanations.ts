/**
 * How many explanations the engine keeps. The host says which it no longer shows (`release`); this bound holds in case it does not
 * say so, and where explanations are too large to be kept together.
 */

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
