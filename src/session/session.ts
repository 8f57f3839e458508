/**
 * The explanations of a window: runs them one at a time, goes on with them, and says what each place (panel) shows. A
 * request names the explanation that it is about; one that was replaced since is left alone, with a word in the log.
 */
import { ExplainError, isAbort, toExplainError } from '../errors';
import type { DecodingSettings } from '../protocol/decodingSettings';
import type { Intervention } from '../protocol/engine';
import type { ExplanationSnapshot, PanelApi, PanelRequests } from '../protocol/panel';
import { say } from '../text/say';
import { CostsDesk, costedModel, type CostsOwner } from './costs/costsDesk';
import type { TextCosts } from './costs/keptCosts';
import { backTo, branchOff, chosenBy, goOn, opened, scored, startAnew, type Continuation } from './runs/continuation';
import { generatedIn } from './runs/generating';
import { JobQueue } from './runs/jobQueue';
import { measureInTurn, type Measured, type MeasuringWanted } from './runs/measuring';
import type { SessionPorts } from './ports';
import { Publisher, type OnSnapshot } from './state/publisher';
import type { Recipe } from './recipe/recipe';
import { recipeOf } from './recipe/recipeOf';
import { asBefore, asChat, asPair, fromToken, withMasks, without, withSpecials, type Reread } from './runs/rereading';
import { Restores } from './recipe/restores';
import { nameOf, Runs } from './runs/runs';
import { SessionStore } from './state/sessionStore';
import { hasTokens, placeOf, shownIn, type Explanation } from './state/state';
import {
  isPlainReading,
  UNGUIDED,
  unguidedLike,
  type ExplainedText,
  type ModelName,
  type PairOrder,
} from './subject/subject';
import { generationOf, subjectOf, type Wanted } from './subject/wanted';
import { weightsOf, type Weights } from './weights';
import { mapsDesk, tokensDesk } from './answersDesk';

export class Session {
  readonly #ports: SessionPorts;
  readonly #queue: JobQueue;
  readonly #publisher: Publisher;
  readonly #tokens = tokensDesk();
  readonly #maps = mapsDesk();
  readonly #costs = new CostsDesk();
  readonly #store: SessionStore;
  readonly #runs: Runs;
  readonly #subscriptions: readonly { dispose(): unknown }[];
  readonly #restores: Restores;
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
    this.#restores = new Restores(ports, this.#queue, this.#store, this.#runs, this.#costs);
    this.#subscriptions = [
      ports.engine.onProgress((progress) => {
        const place = this.#queue.owner;
        if (place !== undefined) this.#store.dispatch({ type: 'read progress', place, progress });
      }),
      ports.engine.onTokens(({ explanation, source, target }) => {
        const place = this.#queue.owner;
        if (place !== undefined) this.#store.dispatch({ type: 'tokens', place, explanation, source, target });
      }),
      ports.engine.onBeams((beams) => this.#store.dispatch({ type: 'beams', ...beams }, 'soon')),
      ports.engine.onCosts(({ explanation, sofar }) => this.#progress(explanation, 'heads', sofar)),
      ports.engine.onLeftOut(({ explanation, sofar }) => this.#progress(explanation, 'pieces', sofar)),
      ports.engine.onStep((step) => this.#store.dispatch({ type: 'step', ...step }, 'soon')),
    ];
  }

  /** All explanations that are alive, by id. */
  get explanations(): ReadonlyMap<string, Explanation> {
    return this.#store.state.explanations;
  }

  /** @param holds what the place is for: a panel, or what a panel keeps pinned beside what it shows */
  open(place: string, holds: 'shown' | 'pinned' = 'shown'): void {
    this.#store.dispatch({ type: 'place opened', place, isPin: holds === 'pinned' });
  }

  /**
   * Keeps an explanation that is on show in a place of its own, whatever its panel shows after it; what that place held
   * before is let go.
   * @returns false where the explanation was replaced since: the log has a word then
   * @throws ExplainError INVALID_REQUEST while it has no tokens yet
   */
  async pin(explanation: string, place: string): Promise<boolean> {
    if (this.#placeOf(explanation, 'pin') === null) return false;
    const known = this.#store.state.explanations.get(explanation);
    if (!known || !hasTokens(known)) throw new ExplainError('INVALID_REQUEST', say('session.nothingToPin'));
    await this.#queue.stop(place);
    this.#store.dispatch({ type: 'pinned', place, explanation });
    return this.#store.state.places.get(place)?.shows === explanation;
  }

  /** Ends what runs for a place, and forgets what it showed. */
  async close(place: string): Promise<void> {
    this.#closing.add(place);
    await this.#queue.stop(place);
    this.#closing.delete(place);
    this.#costs.forget(place);
    this.#store.dispatch({ type: 'place closed', place });
  }

  snapshot(place: string): ExplanationSnapshot | null {
    return this.#store.snapshot(place);
  }

  explained(place: string): ExplainedText | null {
    return shownIn(this.#store.state, place)?.subject?.explained ?? null;
  }

  /** The model that reads what a place shows. */
  modelOf(place: string): ModelName | null {
    return shownIn(this.#store.state, place)?.subject?.model ?? null;
  }

  /** What to keep so that a place's explanation can be computed again; null where there is none. */
  recipe(place: string): Recipe | null {
    const shown = shownIn(this.#store.state, place);
    if (!shown?.subject) return null;
    // What is still to be come back to is kept, not how far it has come.
    const { steps, beam, ...guidance } = shown.replay ?? generatedIn(shown.subject.guidance, shown.snapshot);
    const costs = this.#costs.kept(place, shown.replay ? null : shown.snapshot);
    return recipeOf({ ...shown.subject, guidance }, { steps, beam }, costs);
  }

  /** The weights of an explanation that is on show. @throws ExplainError EXPLANATION_GONE */
  weightsOf(explanation: string): Weights {
    const known = (): Explanation | undefined => this.#store.state.explanations.get(explanation);
    return weightsOf({
      api: this.#runs.engineFor(explanation),
      known,
      tokens: this.#tokens,
      maps: this.#maps,
      costs: this.#costs,
      text: () => this.#costsOwner(explanation),
      files: async (signal) => {
        const model = known()?.subject?.model;
        return model && this.#ports.engine.files(model, signal);
      },
    });
  }

  /** What is known of what the heads, and pieces of the input, of the text that a place shows are worth. */
  costs(place: string): TextCosts {
    return this.#costs.of(place, this.snapshot(place));
  }

  /** True while such costs are being measured. */
  isMeasuring(place: string): boolean {
    return this.#costs.isMeasuring(place);
  }

  /** Calls a listener with a place of which more costs, or others, are known. */
  get onDidChangeCosts(): CostsDesk['onDidChange'] {
    return this.#costs.onDidChange;
  }

  /** Forgets what pieces of the input are worth. */
  forgetLeftOut(explanation: string): void {
    const place = this.#placeOf(explanation, 'forgetLeftOut');
    if (place !== null) this.#costs.forget(place, 'pieces');
  }

  /** Calls a listener with what is known so far of what heads are worth. */
  get onCosts(): SessionPorts['engine']['onCosts'] {
    return this.#ports.engine.onCosts;
  }

  /** Calls a listener with what is known so far of what pieces of the input are worth. */
  get onLeftOut(): SessionPorts['engine']['onLeftOut'] {
    return this.#ports.engine.onLeftOut;
  }

  /** Calls a listener with how far a measure is made. */
  get onMeasuring(): SessionPorts['engine']['onMeasuring'] {
    return this.#ports.engine.onMeasuring;
  }

  /** Measures a model's heads on the probe set, when its turn comes. @throws ExplainError with the code of what failed */
  measureHeads(model: ModelName, wanted: MeasuringWanted): Promise<Measured | undefined> {
    return measureInTurn(this.#ports.engine, this.#queue, model, wanted);
  }

  /** Explains a text: loads what is needed, encodes, generates. Resolves when it has ended, well or not. */
  async explain(place: string, wanted: Wanted): Promise<void> {
    this.#costs.restore(place, wanted.replay?.costs);
    await this.#queue.run({ owner: place, manner: 'now' }, async (signal) => {
      const subject = await subjectOf(wanted, this.#ports.chats);
      // Another text in the same panel is written as the one before it was.
      const shown = shownIn(this.#store.state, place)?.subject;
      const guidance = shown?.model.id === subject.model.id ? unguidedLike(shown.guidance) : subject.guidance;
      await this.#runs.read(place, { ...subject, guidance }, signal, generationOf(wanted), 'user');
    });
  }

  /**
   * Explains what a place showed before a reload, when its turn comes: what the user starts there meanwhile takes its
   * place. A run that never ended is not begun again unasked: the place says so, and *Retry* does it.
   * @param prepare finds the text and the model; what it throws is shown where nothing else is
   */
  async restore(place: string, title: string, prepare: () => Promise<Wanted>): Promise<void> {
    await this.#restores.restore(place, title, prepare);
  }

  /** The same text, model, window and masks again; a forced text is forced and branches are taken again too. */
  async retry(explanation: string): Promise<void> {
    await (this.#restores.again(explanation) ?? this.#again(explanation, 'retry', asBefore));
  }

  /** The same text again with the model's mask in place of exactly these source tokens. @throws ExplainError INVALID_REQUEST */
  async mask(explanation: string, indices: readonly number[]): Promise<void> {
    await this.#again(explanation, 'mask', withMasks(indices));
  }

  /** The same text again as a message in the model's chat template, or as it is; kept for the model where it succeeds. */
  async setChat(explanation: string, chat: boolean): Promise<void> {
    const place = await this.#again(explanation, 'setChat', asChat(chat));
    const shown = place === null ? null : shownIn(this.#store.state, place);
    if (shown?.subject && shown.snapshot.chat === chat) await this.#ports.chats.set(shown.subject.model.id, chat);
  }

  /** The same text again, with the special tokens that are typed in it as text, or as those tokens. */
  async setSpecialsAsText(explanation: string, asText: boolean): Promise<void> {
    await this.#again(explanation, 'setSpecialsAsText', withSpecials(asText));
  }

  /** The same two selections again, as a pair in this order, or as one text. @throws ExplainError PAIR_NEEDED */
  async setPair(explanation: string, order: PairOrder): Promise<void> {
    await this.#again(explanation, 'setPair', asPair(order));
  }

  /** The same text again without these pieces of what is on show, or with all of it. @throws ExplainError INVALID_REQUEST */
  async intervene(explanation: string, intervention: Intervention | null): Promise<void> {
    await this.#again(explanation, 'intervene', without(intervention));
  }

  /** True where one place shows the very text that another one does, read by the same model in the same way but for an intervention. */
  isPlainOf(plain: string, other: string): boolean {
    const [one, changed] = [plain, other].map((place) => shownIn(this.#store.state, place)?.subject);
    return one !== null && one !== undefined && isPlainReading(one, changed ?? null);
  }

  /** Shows in a place what is kept in another one, as it is; what was shown there is let go. */
  async showKept(place: string, kept: string): Promise<void> {
    await this.#queue.stop(place);
    const explanation = shownIn(this.#store.state, kept)?.id;
    if (explanation !== undefined) this.#store.dispatch({ type: 'shown again', place, explanation });
  }

  /** Another window of a text that is longer than the model takes. */
  async chooseWindow(explanation: string, start: number): Promise<void> {
    await this.#again(explanation, 'chooseWindow', fromToken(start));
  }

  async generate(explanation: string, action: Exclude<PanelRequests['generation']['action'], 'stop'>): Promise<void> {
    const steps = action === 'step' ? 1 : this.#ports.maxNewTokens();
    const left = this.#store.state.explanations.get(explanation)?.replay;
    if (action === 'run' && left) await this.#goOn(explanation, 'generation', backTo(left));
    else await this.#goOn(explanation, 'generation', action === 'restart' ? startAnew : goOn(steps));
  }

  /** Goes on from `step` with `token` instead of what was chosen there. */
  async branch(explanation: string, step: number, token: number): Promise<void> {
    await this.#goOn(explanation, 'branch', branchOff(step, token, this.#ports.maxNewTokens()));
  }

  /** Generates again from the start, with settings of how tokens are chosen; null for the likeliest, by the model's own rules. */
  async setDecoding(explanation: string, decoding: DecodingSettings | null): Promise<void> {
    await this.#goOn(explanation, 'setDecoding', chosenBy(decoding, this.#ports.maxNewTokens()));
  }

  /** Shows another text of the search that the one on show is of. */
  async openBeam(explanation: string, token: number): Promise<void> {
    await this.#goOn(explanation, 'openBeam', opened(token));
  }

  /** Replaces the generation by `text`, teacher-forced. @throws ExplainError INVALID_REQUEST where there is nothing to score */
  async force(explanation: string, text: string): Promise<void> {
    if (text.trim() === '') throw new ExplainError('INVALID_REQUEST', say('session.nothingToScore'));
    await this.#goOn(explanation, 'force', scored(text));
  }

  /** Stops what runs for the place that shows an explanation, within one step; what was computed stays. */
  async stop(explanation: string): Promise<void> {
    const place = this.#placeOf(explanation, 'cancel');
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

  /** True where a place shows this explanation; else a word in the log, as what was asked of it came too late. */
  isShown(place: string, explanation: string, request: keyof PanelApi): boolean {
    return this.#placeOf(explanation, request) === place;
  }

  /** Where an explanation is on show; null, with a word in the log, where it is not any more. */
  #placeOf(explanation: string, request: keyof PanelApi): string | null {
    const place = placeOf(this.#store.state, explanation);
    if (place === undefined) this.#ports.log.info(say('session.late', { request, explanation }));
    return place ?? null;
  }

  /** Reads an explanation's text again, in another way; the place that shows it, or null where none does. */
  async #again(explanation: string, request: keyof PanelApi, reread: Reread): Promise<string | null> {
    const place = this.#placeOf(explanation, request);
    const known = this.#store.state.explanations.get(explanation);
    if (place === null || !known) return null;
    const { subject, snapshot, replay } = known;
    if (!subject) throw new ExplainError('EXPLANATION_GONE', say('session.nothingYet'));
    const next = reread({ subject, snapshot, replay });
    await this.#queue.run({ owner: place, manner: 'now' }, (signal) =>
      this.#runs.read(place, next.subject, signal, next.replay, 'user'),
    );
    return place;
  }

  /** Goes on with the generation of an explanation that is on show. */
  async #goOn(explanation: string, request: keyof PanelApi, { run, goal, left }: Continuation): Promise<void> {
    const place = this.#placeOf(explanation, request);
    if (place === null) return;
    // What is being read must not be stopped by what can only follow it.
    const { status } = this.snapshot(place) ?? {};
    if (status === 'loading' || status === 'encoding')
      throw new ExplainError('INVALID_REQUEST', say('session.stillReading'));
    await this.#queue.run({ owner: place, manner: 'now' }, async (signal) => {
      const known = this.#store.state.explanations.get(explanation);
      if (!known || !this.#isOpen(place)) return;
      const { snapshot, subject } = known;
      const whole =
        left ?? (goal && { ...(subject?.guidance ?? UNGUIDED), steps: goal(snapshot.steps.length), beam: null });
      const performed = { run, goal: whole, left: left ?? null };
      const perform = (): Promise<void> => this.#runs.perform(known, performed, signal);
      await (subject ? this.#runs.unended.note(nameOf(subject), 'user', perform) : perform());
    });
  }

  /** Where an explanation's costs are kept; undefined where it is on show nowhere. */
  #costsOwner(explanation: string): CostsOwner | undefined {
    const place = placeOf(this.#store.state, explanation);
    const snapshot = this.#store.state.explanations.get(explanation)?.snapshot;
    const model = snapshot && costedModel(snapshot);
    return place === undefined || model === undefined ? undefined : { place, explanation, model };
  }

  #progress<Part extends keyof TextCosts>(explanation: string, part: Part, sofar: NonNullable<TextCosts[Part]>): void {
    const text = this.#costsOwner(explanation);
    if (text) this.#costs.progress(text, part, sofar);
  }

  #forget(explanation: string): void {
    this.#restores.forget(explanation);
    const alive = new Set(this.#store.state.explanations.keys());
    for (const desk of [this.#tokens, this.#maps]) desk.keep(alive);
    this.#ports.engine.api?.release({ explanation }).catch(() => undefined);
  }
}
