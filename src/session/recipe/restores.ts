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

/** A restore that did not come to anything, and is tried again when it is asked for. */
interface Offer {
  readonly place: string;
  readonly title: string;
  readonly prepare: () => Promise<Wanted>;
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
  restore(place: string, title: string, prepare: () => Promise<Wanted>): Promise<void> {
    return this.#restore({ place, title, prepare }, 'restore');
  }

  /** What *Retry* does for an explanation that says that nothing was restored; undefined for any other. */
  again(explanation: string): Promise<void> | undefined {
    const offer = this.#offers.get(explanation);
    return offer && this.#restore(offer, 'user');
  }

  async #restore(offer: Offer, by: 'user' | 'restore'): Promise<void> {
    const { place, prepare } = offer;
    await this.#queue.run({ owner: place, manner: by === 'user' ? 'now' : 'in turn' }, async (signal) => {
      try {
        const wanted = await prepare();
        const subject = await subjectOf(wanted, this.#ports.chats);
        if (signal.aborted) return;
        // What never ended is not begun again unasked.
        if (by === 'restore' && this.#runs.unended.has(nameOf(subject)))
          throw new ExplainError('NOT_RESTORED', say('session.notRestored'));
        this.#costs.restore(place, wanted.replay?.costs);
        await this.#runs.read(place, subject, signal, generationOf(wanted), by);
      } catch (thrown) {
        if (!signal.aborted && !isAbort(thrown)) this.#refuse(offer, toExplainError(thrown));
      }
    });
  }

  forget(explanation: string): void {
    this.#offers.delete(explanation);
  }

  /** Says why there is nothing to show, where nothing else is on show. */
  #refuse(offer: Offer, error: ExplainError): void {
    const { place, title } = offer;
    this.#runs.logError(error);
    const shown = shownIn(this.#store.state, place);
    if (shown && hasTokens(shown)) return;
    this.#store.dispatch({ type: 'refused', place, id: this.#ports.newId(), title, error: error.toValue() });
    const id = shownIn(this.#store.state, place)?.id;
    if (id !== undefined) this.#offers.set(id, offer);
  }
}
