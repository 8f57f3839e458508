/** The stations that the reader has been at, as a browser keeps pages: one goes back and forward through them. */
import type { LessonPlace } from '../../../src/protocol/lessonPlace';

export interface Visited {
  readonly places: readonly LessonPlace[];
  /** Where the reader stands among them; -1 before the first. */
  readonly at: number;
}

export const NOWHERE: Visited = { places: [], at: -1 };
/** More are forgotten, the oldest first. */
const MOST = 100;

/** The reader is at `place`: another station is added, and what was ahead is gone; at the same one its layer, head or token may be others. */
export function visited({ places, at }: Visited, place: LessonPlace): Visited {
  const present = places[at];
  const isSame = present?.kind === place.kind && present.stage === place.stage;
  if (isSame) return { places: places.map((one, index) => (index === at ? place : one)), at };
  const kept = [...places.slice(0, at + 1), place].slice(-MOST);
  return { places: kept, at: kept.length - 1 };
}

/** One back (-1) or forward (1); undefined where there is none. */
export function stepThrough({ places, at }: Visited, by: -1 | 1): Visited | undefined {
  return places[at + by] ? { places, at: at + by } : undefined;
}
