/** Where the state is: makes the next one of each event, tells what places show, and says which explanations are gone. */
import type { ExplanationSnapshot } from '../../protocol/panel';
import type { SessionEvent } from './events';
import type { Publisher } from './publisher';
import { reduce } from './reducer';
import { EMPTY_STATE, type SessionState } from './state';

export class SessionStore {
  readonly #publisher: Publisher;
  readonly #gone: (explanation: string) => void;
  #state: SessionState = EMPTY_STATE;

  /** @param gone is told of each explanation that nobody can come back to any more */
  constructor(publisher: Publisher, gone: (explanation: string) => void) {
    this.#publisher = publisher;
    this.#gone = gone;
  }

  get state(): SessionState {
    return this.#state;
  }

  snapshot(place: string): ExplanationSnapshot | null {
    return this.#publisher.snapshot(this.#state, place);
  }

  /** @param when `soon` for what streams in: it is told with what follows within 40 ms */
  dispatch(event: SessionEvent, when: 'now' | 'soon' = 'now'): void {
    const before = this.#state;
    this.#state = reduce(before, event);
    if (this.#state === before) return;
    for (const id of before.explanations.keys()) if (!this.#state.explanations.has(id)) this.#gone(id);
    // A reading that ended without being shown has nothing under its id here, and may have in the engine.
    const run = event.type === 'not read' ? before.places.get(event.place)?.run : undefined;
    if (run && !this.#state.explanations.has(run.id)) this.#gone(run.id);
    this.#publisher.publish(this.#state, when);
  }
}
