/**
 * The explanations of a window: runs them one at a time, goes on with them, and says what each place (panel) shows. A
 * request names the explanation that it is about; one that was replaced since is left alone, with a word in the log.
 */
import { ExplainError, isAbort, toExplainError } from '../errors';
import type { EngineApi } from '../protocol/engine';
import type { ExplanationSnapshot, PanelRequests } from '../protocol/panel';
import { say } from '../text/say';
import { generate } from './generating';
import { textHash } from './hash';
import { JobQueue, type JobPlace } from './jobQueue';
import type { SessionPorts } from './ports';
import { Publisher, type OnSnapshot } from './publisher';
import type { Generated, Recipe, Replay } from './recipe';
import { recipeOf } from './recipeOf';
import { nameOf, Runs, type Generation } from './runs';
import { hasTokens, placeOf, shownIn, type Explanation } from './state';
import { SessionStore } from './store';
import { UNGUIDED, type ExplainedText, type ModelName, type Subject } from './subject';
import { WeightsDesk } from './weightsDesk';

/** What a place is to show, and how it comes back to where it was. */
export interface Wanted {
  readonly explained: ExplainedText;
  readonly model: ModelName;
  readonly windowStart?: number;
  readonly replay?: Replay | undefined;
}

/** What can be asked about an explanation's weights; whoever asks for the same token's gets one answer of the engine's. */
export type Weights = Pick<EngineApi, 'head' | 'tokenWeights' | 'atlas'>;

export class Session {
  readonly #ports: SessionPorts;
  readonly #queue: JobQueue;
  readonly #publisher: Publisher;
  readonly #desk = new WeightsDesk();
  readonly #store: SessionStore;
  readonly #runs: Runs;
  readonly #subscriptions: readonly { dispose(): unknown }[];
  /** What *Retry* does for an explanation that is more than its subject: a restore that waits to be asked for. */
  readonly #offers = new Map<string, () => Promise<void>>();
  /** Places whose run is being ended: nothing begins there any more. */
  readonly #closing = new Set<string>();

  /** @param changed is told what a place shows, whenever that changes. */
  constructor(ports: SessionPorts, changed: OnSnapshot) {
    this.#ports = ports;
    this.#queue = new JobQueue((thrown) => {
      if (!isAbort(thrown)) ports.log.error(toExplainError(thrown).message);
    });
    this.#publisher = new Publisher(ports.clock, changed);
    this.#store = new SessionStore(this.#publisher, (explanation) => this.#forget(explanation));
    this.#runs = new Runs(ports, this.#store, (place) => this.#isOpen(place));
    this.#subscriptions = [
      ports.engine.onProgress((progress) => {
        const place = this.#queue.owner;
        if (place !== undefined) this.#store.dispatch({ type: 'read progress', place, progress });
      }),
      ports.engine.onTokens(({ explanation, source, target }) => {
        const place = this.#queue.owner;
        if (place !== undefined) this.#store.dispatch({ type: 'tokens', place, explanation, source, target });
      }),
      ports.engine.onStep(({ explanation, step, token }) =>
        this.#store.dispatch({ type: 'step', explanation, step, token }, 'soon'),
      ),
    ];
  }

  /** All explanations that are alive, by id. */
  get explanations(): ReadonlyMap<string, Explanation> {
    return this.#store.state.explanations;
  }

  open(place: string): void {
    this.#store.dispatch({ type: 'place opened', place });
  }

  /** Ends what runs for a place, and forgets what it showed. */
  async close(place: string): Promise<void> {
    this.#closing.add(place);
    await this.#queue.stop(place);
    this.#closing.delete(place);
    this.#store.dispatch({ type: 'place closed', place });
  }

  snapshot(place: string): ExplanationSnapshot | null {
    return this.#store.snapshot(place);
  }

  explained(place: string): ExplainedText | null {
    return shownIn(this.#store.state, place)?.subject?.explained ?? null;
  }

  /** What to keep so that a place's explanation can be computed again; null where there is none. */
  recipe(place: string): Recipe | null {
    const shown = shownIn(this.#store.state, place);
    return shown?.subject ? recipeOf(shown.subject, shown.snapshot.steps.length) : null;
  }

  /** The weights of an explanation that is on show. @throws ExplainError EXPLANATION_GONE */
  weightsOf(explanation: string): Weights {
    const api = this.#runs.engineFor(explanation);
    return {
      head: (request, signal) => api.head(request, signal),
      atlas: (request, signal) => api.atlas(request, signal),
      tokenWeights: async (request, signal) => {
        const known = this.#store.state.explanations.get(explanation);
        if (!known) throw new ExplainError('EXPLANATION_GONE', say('session.gone'));
        return this.#desk.ask(api, request, known.snapshot, signal);
      },
    };
  }

  /** Explains a text: loads what is needed, encodes, generates. Resolves when it has ended, well or not. */
  async explain(place: string, wanted: Wanted): Promise<void> {
    await this.#queue.run({ owner: place, manner: 'now' }, async (signal) =>
      this.#runs.read(place, await this.#subjectOf(wanted), signal, replayOf(wanted), 'user'),
    );
  }

  /**
   * Explains what a place showed before a reload, when its turn comes: what the user starts there meanwhile takes its
   * place. A run that never ended is not begun again unasked: the place says so, and *Retry* does it.
   * @param prepare finds the text and the model; what it throws is shown where nothing else is
   */
  async restore(place: string, title: string, prepare: () => Promise<Wanted>): Promise<void> {
    await this.#queue.run({ owner: place, manner: 'in turn' }, async (signal) => {
      try {
        const wanted = await prepare();
        const subject = await this.#subjectOf(wanted);
        if (signal.aborted) return;
        if (!this.#runs.unended.has(nameOf(subject))) {
          await this.#runs.read(place, subject, signal, replayOf(wanted), 'restore');
          return;
        }
        const id = this.#refuse(place, title, new ExplainError('NOT_RESTORED', say('session.notRestored')));
        if (id !== null) this.#offers.set(id, () => this.explain(place, wanted));
      } catch (thrown) {
        if (!signal.aborted && !isAbort(thrown)) this.#refuse(place, title, toExplainError(thrown));
      }
    });
  }

  /** The same text, model, window and masks again; a forced text is forced and branches are taken again too. */
  async retry(explanation: string): Promise<void> {
    const offer = this.#offers.get(explanation);
    if (offer) await offer();
    else
      await this.#again(explanation, 'retry', ({ subject, snapshot, replay }) => {
        const goal = replay ?? { ...subject.guidance, steps: snapshot.steps.length };
        return { subject: { ...subject, guidance: UNGUIDED }, replay: goal.steps > 0 ? goal : null };
      });
  }

  /** The same text again with the model's mask in place of exactly these source tokens. @throws ExplainError INVALID_REQUEST */
  async mask(explanation: string, indices: readonly number[]): Promise<void> {
    await this.#again(explanation, 'mask', ({ subject, snapshot }) => {
      if (snapshot.model?.fillsMasks !== true || snapshot.source.length === 0)
        throw new ExplainError('INVALID_REQUEST', say('session.noMasks'));
      const masked = [...new Set(indices)].filter((index) => index < snapshot.source.length).sort((a, b) => a - b);
      return { subject: withReading(subject, { masked }), replay: null };
    });
  }

  /** The same text again as a message in the model's chat template, or as it is; kept for the model where it succeeds. */
  async setChat(explanation: string, chat: boolean): Promise<void> {
    const place = await this.#again(explanation, 'chat', ({ subject, snapshot }) => {
      if (snapshot.model?.chatTemplate !== true) throw new ExplainError('INVALID_REQUEST', say('session.noTemplate'));
      return { subject: { ...withReading(subject, { chat }), guidance: UNGUIDED }, replay: null };
    });
    const shown = place === null ? null : shownIn(this.#store.state, place);
    if (shown?.subject && shown.snapshot.chat === chat) await this.#ports.chats.set(shown.subject.model.id, chat);
  }

  /** The same text again, with the special tokens that are typed in it as text, or as those tokens. */
  async setSpecialsAsText(explanation: string, specialsAsText: boolean): Promise<void> {
    await this.#again(explanation, 'specials', ({ subject }) => ({
      subject: { ...withReading(subject, { specialsAsText, masked: [], windowStart: 0 }), guidance: UNGUIDED },
      replay: null,
    }));
  }

  /** Another window of a text that is longer than the model takes. */
  async chooseWindow(explanation: string, windowStart: number): Promise<void> {
    await this.#again(explanation, 'window', ({ subject }) => ({
      subject: { ...withReading(subject, { windowStart, masked: [] }), guidance: UNGUIDED },
      replay: null,
    }));
  }

  async generate(explanation: string, action: Exclude<PanelRequests['generation']['action'], 'stop'>): Promise<void> {
    const maxSteps = action === 'step' ? 1 : this.#ports.maxNewTokens();
    if (action === 'restart') {
      await this.#generating(explanation, 'restart', async ({ api, take, guide }, signal) => {
        const result = await api.branch({ explanation, step: 0, token: -1 }, signal);
        take(result);
        guide(UNGUIDED);
        return result.end;
      });
      return;
    }
    await this.#generating(
      explanation,
      action,
      (generating, signal) => generate.on(generating, maxSteps, signal),
      (steps) => steps + maxSteps,
    );
  }

  /** Goes on from `step` with `token` instead of what was chosen there. */
  async branch(explanation: string, step: number, token: number): Promise<void> {
    const maxSteps = this.#ports.maxNewTokens();
    await this.#generating(
      explanation,
      'branch',
      async (generating, signal) => {
        await generate.branch(generating, { step, token }, signal);
        return generate.on(generating, maxSteps, signal);
      },
      () => step + 1 + maxSteps,
    );
  }

  /** Replaces the generation by `text`, teacher-forced. @throws ExplainError INVALID_REQUEST where there is nothing to score */
  async force(explanation: string, text: string): Promise<void> {
    if (text.trim() === '') throw new ExplainError('INVALID_REQUEST', say('session.nothingToScore'));
    await this.#generating(explanation, 'score', (generating, signal) => generate.force(generating, text, signal));
  }

  /** Stops what runs for the place that shows an explanation, within one step; what was computed stays. */
  async stop(explanation: string): Promise<void> {
    const place = this.#placeOf(explanation, 'stop');
    if (place !== null) await this.#queue.stop(place);
  }

  /** Stops whatever runs or waits. */
  async stopAll(): Promise<void> {
    await this.#queue.stop();
  }

  /** The document is no longer what was explained; or is again. */
  setStale(explanation: string, stale: boolean): void {
    this.#store.dispatch({ type: 'text changed', explanation, stale });
  }

  rename(explanation: string, uri: string, title: string): void {
    this.#store.dispatch({ type: 'renamed', explanation, uri, title });
  }

  dispose(): void {
    void this.#queue.stop();
    this.#publisher.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #isOpen(place: string): boolean {
    return this.#store.state.places.has(place) && !this.#closing.has(place);
  }

  async #subjectOf({ explained, model, windowStart = 0, replay }: Wanted): Promise<Subject> {
    const again = replay?.modelId === model.id ? replay : undefined;
    const chat = again ? again.chat : this.#ports.chats.has(model.id);
    return {
      explained,
      model,
      hash: await textHash(explained.text),
      reading: { windowStart, masked: again?.masked ?? [], chat, specialsAsText: again?.specialsAsText ?? false },
      guidance: UNGUIDED,
    };
  }

  /** Says why there is nothing to show, where nothing else is on show; the id of what says it. */
  #refuse(place: string, title: string, error: ExplainError): string | null {
    this.#runs.logError(error);
    const shown = shownIn(this.#store.state, place);
    if (shown && hasTokens(shown)) return null;
    this.#store.dispatch({ type: 'refused', place, id: this.#ports.newId(), title, error: error.toValue() });
    return shownIn(this.#store.state, place)?.id ?? null;
  }

  /** True where a place shows this explanation; else a word in the log, as what was asked of it came too late. */
  isShown(place: string, explanation: string, what: string): boolean {
    return this.#placeOf(explanation, what) === place;
  }

  /** Where an explanation is on show; null, with a word in the log, where it is not any more. */
  #placeOf(explanation: string, what: string): string | null {
    const place = placeOf(this.#store.state, explanation);
    if (place === undefined) this.#ports.log.info(say('session.late', { what, explanation }));
    return place ?? null;
  }

  /** Reads an explanation's text again, in another way; the place that shows it, or null where none does. */
  async #again(
    explanation: string,
    what: string,
    change: (known: {
      readonly subject: Subject;
      readonly snapshot: ExplanationSnapshot;
      readonly replay: Generated | null;
    }) => { readonly subject: Subject; readonly replay: Generated | null },
  ): Promise<string | null> {
    const place = this.#placeOf(explanation, what);
    const known = this.#store.state.explanations.get(explanation);
    if (place === null || !known) return null;
    if (!known.subject) throw new ExplainError('EXPLANATION_GONE', say('session.nothingYet'));
    const { subject, replay } = change({ subject: known.subject, snapshot: known.snapshot, replay: known.replay });
    await this.#queue.run({ owner: place, manner: 'now' }, (signal) =>
      this.#runs.read(place, subject, signal, replay, 'user'),
    );
    return place;
  }

  /** Goes on with an explanation that is on show. @param goal how many steps it is to come to, of so many */
  async #generating(
    explanation: string,
    what: string,
    run: Generation,
    goal?: (steps: number) => number,
  ): Promise<void> {
    const place = this.#placeOf(explanation, what);
    if (place === null) return;
    // What is being read must not be stopped by what can only follow it.
    const { status } = this.snapshot(place) ?? {};
    if (status === 'loading' || status === 'encoding')
      throw new ExplainError('INVALID_REQUEST', say('session.stillReading'));
    const job: JobPlace = { owner: place, manner: 'now' };
    await this.#queue.run(job, async (signal) => {
      const known = this.#store.state.explanations.get(explanation);
      if (!known || !this.#isOpen(place)) return;
      const { snapshot, subject } = known;
      const whole = goal ? { ...(subject?.guidance ?? UNGUIDED), steps: goal(snapshot.steps.length) } : null;
      const perform = (): Promise<void> => this.#runs.perform(known, run, whole, signal);
      await (subject ? this.#runs.unended.note(nameOf(subject), 'user', perform) : perform());
    });
  }

  #forget(explanation: string): void {
    this.#offers.delete(explanation);
    this.#desk.keep(new Set(this.#store.state.explanations.keys()));
    this.#ports.engine.api?.release({ explanation }).catch(() => undefined);
  }
}

function replayOf({ model, replay }: Wanted): Generated | null {
  if (replay?.modelId !== model.id) return null;
  const { forced, branches, steps } = replay;
  return { forced, branches, steps };
}

function withReading(subject: Subject, by: Partial<Subject['reading']>): Subject {
  return { ...subject, reading: { ...subject.reading, ...by } };
}
