/** Bringing places back to what they showed before a reload: each in its turn, and none unasked whose run never ended. */
import { ExplainError, isAbort, toExplainError } from '../../errors';
import { say } from '../../text/say';
import type { JobQueue } from '../runs/jobQueue';
import type { CostsDesk } from '../costs/costsDesk';
import type { SessionPorts } from '../ports';
import { nameOf, type Runs } from '../runs/runs';
import type { SessionStore } from '../state/sessionStore';
import { hasTokens, shownIn } from '../state/state';
import { generationOf, subjectOf, type Wanted } from '../subject/wanted';

/** A restore that waits to be asked for. */
export interface Offer {
  readonly place: string;
  readonly wanted: Wanted;
}

export class Restores {
  readonly #ports: SessionPorts;
  readonly #queue: JobQueue;
  readonly #store: SessionStore;
  readonly #runs: Runs;
  readonly #costs: CostsDesk;
  /** By the explanation that says why nothing was restored. */
  readonly #offers = new Map<string, Offer>();

  constructor(ports: SessionPorts, queue: JobQueue, store: SessionStore, runs: Runs, costs: CostsDesk) {
    this.#ports = ports;
    this.#queue = queue;
    this.#store = store;
    this.#runs = runs;
    this.#costs = costs;
  }

  /** @param prepare finds the text and the model; what it throws is shown where nothing else is */
  async restore(place: string, title: string, prepare: () => Promise<Wanted>): Promise<void> {
    await this.#queue.run({ owner: place, manner: 'in turn' }, async (signal) => {
      try {
        const wanted = await prepare();
        const subject = await subjectOf(wanted, this.#ports.chats);
        if (signal.aborted) return;
        if (!this.#runs.unended.has(nameOf(subject))) {
          this.#costs.restore(place, wanted.replay?.costs);
          await this.#runs.read(place, subject, signal, generationOf(wanted), 'restore');
          return;
        }
        const id = this.#refuse(place, title, new ExplainError('NOT_RESTORED', say('session.notRestored')));
        if (id !== null) this.#offers.set(id, { place, wanted });
      } catch (thrown) {
        if (!signal.aborted && !isAbort(thrown)) this.#refuse(place, title, toExplainError(thrown));
      }
    });
  }

  /** What *Retry* does for an explanation that says that it was not restored. */
  offer(explanation: string): Offer | undefined {
    return this.#offers.get(explanation);
  }

  forget(explanation: string): void {
    this.#offers.delete(explanation);
  }

  /** Says why there is nothing to show, where nothing else is on show; the id of what says it. */
  #refuse(place: string, title: string, error: ExplainError): string | null {
    this.#runs.logError(error);
    const shown = shownIn(this.#store.state, place);
    if (shown && hasTokens(shown)) return null;
    this.#store.dispatch({ type: 'refused', place, id: this.#ports.newId(), title, error: error.toValue() });
    return shownIn(this.#store.state, place)?.id ?? null;
  }
}
