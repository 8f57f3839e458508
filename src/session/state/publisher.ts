/** Tells who listens what each place shows: at once, or (while tokens stream in) at most every 40 ms. */
import type { ExplanationSnapshot } from '../../protocol/panel';
import type { ClockPort } from '../ports';
import { snapshotIn, type SessionState } from './state';

/** Snapshots are sent at most this often while tokens stream in. */
const INTERVAL_MS = 40;

export type OnSnapshot = (place: string, snapshot: ExplanationSnapshot | null) => void;

export class Publisher {
  readonly #clock: ClockPort;
  readonly #told: OnSnapshot;
  /** The newest of each place, and what was told last: between the two lies what comes soon. */
  readonly #last = new Map<string, ExplanationSnapshot>();
  readonly #published = new Map<string, ExplanationSnapshot | null>();
  #revision = 0;
  #state: SessionState | undefined;
  #cancel: (() => void) | undefined;

  constructor(clock: ClockPort, told: OnSnapshot) {
    this.#clock = clock;
    this.#told = told;
  }

  /** What a place shows as of now, under a revision that grows with every change. */
  snapshot(state: SessionState, place: string): ExplanationSnapshot | null {
    const last = this.#last.get(place);
    const next = snapshotIn(state, place);
    if (next === null) return null;
    if (last && isSame(last, next)) return last;
    const numbered = { ...next, revision: ++this.#revision };
    this.#last.set(place, numbered);
    return numbered;
  }

  publish(state: SessionState, when: 'now' | 'soon'): void {
    this.#state = state;
    if (when === 'now') this.#tell();
    else this.#cancel ??= this.#clock.after(INTERVAL_MS, () => this.#tell());
  }

  dispose(): void {
    this.#cancel?.();
  }

  #tell(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const state = this.#state;
    if (!state) return;
    for (const place of [...this.#published.keys()].filter((name) => !state.places.has(name))) {
      this.#published.delete(place);
      this.#last.delete(place);
    }
    for (const place of state.places.keys()) {
      const snapshot = this.snapshot(state, place);
      if ((this.#published.get(place) ?? null) === snapshot) continue;
      this.#published.set(place, snapshot);
      this.#told(place, snapshot);
    }
  }
}

/** True where both say the same; their revisions are not compared. */
function isSame(one: ExplanationSnapshot, other: ExplanationSnapshot): boolean {
  return (Object.keys(other) as (keyof ExplanationSnapshot)[]).every(
    (field) => field === 'revision' || one[field] === other[field],
  );
}
