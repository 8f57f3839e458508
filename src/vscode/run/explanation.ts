import * as vscode from 'vscode';
import { ExplainError, isAbort, toExplainError } from '../../errors';
import type { EngineApi, GenerateResult } from '../../protocol/engine';
import type { ExplanationSnapshot, ExplanationStatus } from '../../protocol/panel';
import type { ChatChoices } from './chatChoices';
import type { EngineHost } from './engineHost';
import type { ModelRef } from '../models/modelSources';
import type { Recipe } from './recipe';
import { textHash, type SelectedText } from '../editor/selection';
import { readSettings } from '../settings';
import {
  emptySnapshot,
  generatedBy,
  hasTokens,
  isSameText,
  recipeOf,
  UNGUIDED,
  withStep,
  type Generated,
  type Shown,
  type Subject,
} from './shown';

/** How an explanation that is computed again comes back to where it was: on the same model only, as all of it is in its tokens. */
export type Replay = Pick<Recipe, 'modelId' | 'masked' | 'chat' | 'specialsAsText'> & Generated;

/** Snapshots are sent at most this often while tokens stream in. */
const SNAPSHOT_INTERVAL_MS = 40;

const NOT_READY = 'Explain a text first: select it, right-click, Explain Attention.';

/**
 * The current explanation: runs it, goes on with it, and says what there is in snapshots. One at a time: a new run
 * stops the one before. What was on show comes back where the new run fails before it has anything; where the same
 * text is only read in another way (masked, as a chat message, another window) it stays in sight until then.
 */
export class ExplanationController implements vscode.Disposable {
  readonly #engine: EngineHost;
  readonly #chats: ChatChoices;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<ExplanationSnapshot | null>();
  readonly #subscriptions: vscode.Disposable[];
  #shown: Shown | null = null;
  #revision = 0;
  #abort: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Fires with whole snapshots. */
  readonly onDidChange = this.#changed.event;

  constructor(engine: EngineHost, chats: ChatChoices, log: vscode.LogOutputChannel) {
    this.#engine = engine;
    this.#chats = chats;
    this.#log = log;
    this.#subscriptions = [
      engine.onProgress((progress) => {
        if (this.#shown?.snapshot.status === 'loading') this.#patch({ progress });
      }),
      engine.onStep((event) => {
        const shown = this.#shown?.snapshot;
        if (shown?.id !== event.explanation || event.step.index !== shown.target.length) return;
        this.#patch(withStep(shown, event), 'soon');
      }),
    ];
  }

  get snapshot(): ExplanationSnapshot | null {
    return this.#shown?.snapshot ?? null;
  }

  get selected(): SelectedText | null {
    return this.#shown?.subject?.selected ?? null;
  }

  /** What to keep so that this explanation can be computed again; null where there is none. */
  get recipe(): Recipe | null {
    const shown = this.#shown;
    return shown?.subject ? recipeOf(shown.subject, shown.snapshot) : null;
  }

  /** The engine's service for what is on show. @throws ExplainError EXPLANATION_GONE */
  engineFor(explanation: string): EngineApi {
    const api = this.#engine.api;
    if (!api || this.#shown?.snapshot.id !== explanation) {
      throw new ExplainError('EXPLANATION_GONE', 'This explanation is no longer in memory; explain the text again.');
    }
    return api;
  }

  /** Explains a text: loads what is needed, encodes, generates. Resolves when it has ended, well or not. */
  async explain(selected: SelectedText, model: ModelRef, windowStart = 0, replay?: Replay): Promise<void> {
    const hash = await textHash(selected.text);
    const again = replay?.modelId === model.id ? replay : undefined;
    const chat = again ? again.chat : this.#chats.has(model.id);
    const specialsAsText = again?.specialsAsText ?? false;
    await this.#exclusive((signal) =>
      this.#explain(
        { selected, model, hash, windowStart, masked: again?.masked ?? [], chat, specialsAsText, ...UNGUIDED },
        signal,
        again,
      ),
    );
  }

  /** The same text, model, window and masks again; a forced text is forced and branches are taken again too. */
  async retry(): Promise<void> {
    const { subject, snapshot } = this.#needSubject();
    const replay = this.#shown?.replay ?? generatedBy(subject, snapshot.steps.length);
    await this.#exclusive((signal) =>
      this.#explain({ ...subject, ...UNGUIDED }, signal, replay.steps > 0 ? replay : undefined),
    );
  }

  /** The same text again with the model's mask in place of exactly these source tokens. @throws ExplainError INVALID_REQUEST */
  async mask(indices: readonly number[]): Promise<void> {
    const { subject, snapshot } = this.#needSubject();
    if (snapshot.model?.fillsMasks !== true || snapshot.source.length === 0) {
      throw new ExplainError(
        'INVALID_REQUEST',
        'Tokens can be masked once a model that fills in masks has read the text; choose one such as BERT.',
      );
    }
    const masked = [...new Set(indices)].filter((index) => index < snapshot.source.length).sort((a, b) => a - b);
    await this.#exclusive((signal) => this.#explain({ ...subject, masked }, signal));
  }

  /** The same text again as a message in the model's chat template, or as it is; kept for the model where it succeeds. */
  async setChat(chat: boolean): Promise<void> {
    const { subject, snapshot } = this.#needSubject();
    if (snapshot.model?.chatTemplate !== true)
      throw new ExplainError('INVALID_REQUEST', 'This model has no chat template; choose an instruct model.');
    await this.#exclusive((signal) => this.#explain({ ...subject, chat, ...UNGUIDED }, signal));
    if (this.snapshot?.chat === chat) await this.#chats.set(subject.model.id, chat);
  }

  /** The same text again, with the special tokens that are typed in it as text, or as those tokens. */
  async setSpecialsAsText(specialsAsText: boolean): Promise<void> {
    const { subject } = this.#needSubject();
    await this.#exclusive((signal) =>
      this.#explain({ ...subject, specialsAsText, masked: [], windowStart: 0, ...UNGUIDED }, signal),
    );
  }

  async chooseWindow(windowStart: number): Promise<void> {
    const { subject } = this.#needSubject();
    await this.#exclusive((signal) => this.#explain({ ...subject, windowStart, masked: [], ...UNGUIDED }, signal));
  }

  async generate(action: 'step' | 'run' | 'restart'): Promise<void> {
    this.#needEncoded();
    const maxSteps = action === 'step' ? 1 : readSettings().maxNewTokens;
    await this.#exclusive((signal) => {
      if (action !== 'restart')
        return this.#generating(
          (api, explanation) => api.generate({ explanation, maxSteps }, signal),
          this.#stepsSoFar + maxSteps,
        );
      return this.#generating(async (api, explanation) => {
        const result = await api.branch({ explanation, step: 0, token: -1 }, signal);
        this.#guide(UNGUIDED);
        return result;
      });
    });
  }

  /** Goes on from `step` with `token` instead of what was chosen there. */
  async branch(step: number, token: number): Promise<void> {
    this.#needEncoded();
    await this.#exclusive((signal) =>
      this.#generating(
        async (api, explanation) => {
          this.#take(await api.branch({ explanation, step, token }, signal));
          this.#guide({
            branches: [
              ...(this.#shown?.subject?.branches ?? []).filter((earlier) => earlier.step < step),
              { step, token },
            ],
          });
          return api.generate({ explanation, maxSteps: readSettings().maxNewTokens }, signal);
        },
        step + 1 + readSettings().maxNewTokens,
      ),
    );
  }

  /** Replaces the generation by `text`, teacher-forced. */
  async force(text: string): Promise<void> {
    this.#needEncoded();
    await this.#exclusive((signal) =>
      this.#generating(async (api, explanation) => {
        const result = await api.force({ explanation, text }, signal);
        this.#guide({ forced: text, branches: [] });
        return result;
      }),
    );
  }

  /** Stops what runs, within one step; what was computed stays. */
  async stop(): Promise<void> {
    this.#abort?.abort();
    await this.#running;
  }

  /** Says why there is nothing to show, where nothing else is on show. */
  async refuse(title: string, error: ExplainError): Promise<void> {
    await this.stop();
    this.#shown ??= { subject: null, snapshot: emptySnapshot(crypto.randomUUID(), title) };
    this.#fail(error, 'failed');
  }

  /** The document is no longer what was explained. */
  markStale(): void {
    if (this.#shown && !this.#shown.snapshot.stale) this.#patch({ stale: true });
  }

  dispose(): void {
    this.#abort?.abort();
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  /** Runs one thing at a time: aborts what runs, waits until it has ended, then starts. */
  async #exclusive(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const before = this.#running;
    this.#running = before
      .then(() => (abort.signal.aborted ? undefined : run(abort.signal)))
      .catch((thrown: unknown) => {
        this.#log.error(toExplainError(thrown).message);
      });
    await this.#running;
  }

  async #explain(subject: Subject, signal: AbortSignal, replay?: Generated, attempt = 0): Promise<void> {
    // What is on show and has weights comes back if this run fails before it has any.
    const earlier = this.#shown && hasTokens(this.#shown) ? this.#shown : null;
    const inPlace = isSameText(earlier?.subject, subject);
    const { title } = subject.selected;
    const id = crypto.randomUUID();
    if (!inPlace) this.#shown = { subject, snapshot: emptySnapshot(id, title), replay };
    this.#patch({ status: 'loading', error: null, progress: { phase: 'Starting', fraction: -1 } });
    try {
      const { api, report, provider, milliseconds } = await this.#engine.acquire(subject.model, signal);
      this.#patch({ model: report, provider, status: 'encoding', progress: null });
      const chat = subject.chat && report.chatTemplate;
      const encoded = await api.explain(
        {
          explanation: id,
          text: subject.selected.text,
          windowStart: subject.windowStart,
          masked: report.fillsMasks ? subject.masked : [],
          chat,
          specialsAsText: subject.specialsAsText,
        },
        signal,
      );
      const { window, source, target, fills } = encoded;
      const masked = fills.filter(({ original }) => original !== null).map(({ index }) => index);
      const timings = { load: milliseconds, encode: encoded.milliseconds, generate: 0 };
      const stale = this.#shown?.snapshot.stale ?? false;
      this.#shown = {
        subject: { ...subject, masked },
        snapshot: { ...emptySnapshot(id, title), status: 'encoding', stale, model: report, provider, timings },
        replay,
      };
      this.#patch({ window, source, target, fills, masked, chat, specialsAsText: subject.specialsAsText });
      this.#release(earlier?.snapshot.id);
    } catch (thrown) {
      if (earlier)
        this.#shown = inPlace
          ? { ...earlier, snapshot: { ...earlier.snapshot, stale: this.#shown?.snapshot.stale ?? false } }
          : earlier;
      if (isGpuLoss(thrown) && attempt === 0) {
        this.#engine.fallBackToWasm(thrown);
        await this.#explain(subject, signal, replay, 1);
        return;
      }
      if (earlier) this.#release(id);
      else if (subject.chat && isChatTrouble(thrown)) await this.#leaveChat(subject);
      if (isAbort(thrown)) this.#patch({ status: earlier?.snapshot.status ?? 'paused', progress: null });
      else this.#fail(thrown, earlier?.snapshot.status ?? 'failed');
      return;
    }
    if (this.#shown.snapshot.model?.family === 'encoder-only') {
      this.#patch({ status: 'done' });
      return;
    }
    await this.#generating(
      (api, explanation) => this.#generateWithReplay(api, explanation, signal, replay),
      readSettings().maxNewTokens,
    );
  }

  /** A template that cannot be used any more must not keep a text from being explained: the next try is without it. */
  async #leaveChat(subject: Subject): Promise<void> {
    if (this.#shown) this.#shown = { ...this.#shown, subject: { ...subject, chat: false } };
    await this.#chats.set(subject.model.id, false);
  }

  /** Generates up to the limit; with `replay` it forces the same text first, and takes the same branches on the way. */
  async #generateWithReplay(
    api: EngineApi,
    explanation: string,
    signal: AbortSignal,
    replay?: Generated,
  ): Promise<GenerateResult> {
    if (typeof replay?.forced === 'string') {
      this.#take(await api.force({ explanation, text: replay.forced }, signal));
      this.#guide({ forced: replay.forced });
    }
    for (const branch of replay?.branches ?? []) {
      const missing = branch.step + 1 - this.#stepsSoFar;
      if (missing > 0) this.#take(await api.generate({ explanation, maxSteps: missing }, signal));
      if (this.#stepsSoFar <= branch.step) break;
      this.#take(await api.branch({ explanation, ...branch }, signal));
      this.#guide({ branches: [...(this.#shown?.subject?.branches ?? []), branch] });
    }
    const goal = replay?.steps ?? readSettings().maxNewTokens;
    return api.generate({ explanation, maxSteps: Math.max(0, goal - this.#stepsSoFar) }, signal);
  }

  /**
   * The frame of everything that generates: status before and after, and errors.
   * @param goal how many steps it was to come to: another try goes on to there, where this one fails
   */
  async #generating(
    run: (api: EngineApi, explanation: string) => Promise<GenerateResult>,
    goal?: number,
  ): Promise<void> {
    const id = this.#shown?.snapshot.id;
    if (id === undefined) throw new ExplainError('EXPLANATION_GONE', NOT_READY);
    const began = performance.now();
    this.#patch({ status: 'generating', error: null, end: null });
    try {
      const result = await run(this.engineFor(id), id);
      this.#take(result);
      this.#endReplay();
      this.#patch({ status: result.end === 'end-of-sequence' ? 'done' : 'paused', end: result.end });
    } catch (thrown) {
      if (isAbort(thrown)) {
        this.#endReplay();
        this.#patch({ status: 'paused', end: 'stopped' });
      } else {
        if (isGpuLoss(thrown)) this.#engine.fallBackToWasm(thrown);
        const { subject, replay } = this.#shown ?? {};
        if (this.#shown && subject && goal !== undefined)
          this.#shown = { ...this.#shown, replay: replay ?? generatedBy(subject, goal) };
        this.#fail(thrown, 'failed');
      }
    }
    const timings = this.#shown?.snapshot.timings;
    if (timings) this.#patch({ timings: { ...timings, generate: performance.now() - began } });
  }

  get #stepsSoFar(): number {
    return this.#shown?.snapshot.steps.length ?? 0;
  }

  #needSubject(): { readonly subject: Subject; readonly snapshot: ExplanationSnapshot } {
    const { subject, snapshot } = this.#shown ?? {};
    if (!subject || !snapshot) throw new ExplainError('EXPLANATION_GONE', NOT_READY);
    return { subject, snapshot };
  }

  /** Generation needs an encoded text, and must not stop the run that is encoding it. */
  #needEncoded(): void {
    if (!this.#shown) throw new ExplainError('EXPLANATION_GONE', NOT_READY);
    const { status } = this.#shown.snapshot;
    if (status === 'loading' || status === 'encoding') {
      throw new ExplainError(
        'INVALID_REQUEST',
        'The text is still being read by the model; try again when its tokens are shown.',
      );
    }
  }

  /** What was to be generated again is there, or the user has stopped it; another try starts from what is on show. */
  #endReplay(): void {
    if (this.#shown) this.#shown = { ...this.#shown, replay: undefined };
  }

  /** Notes what made the generation other than the model's own. */
  #guide(by: Partial<Pick<Generated, 'forced' | 'branches'>>): void {
    if (this.#shown?.subject) this.#shown = { ...this.#shown, subject: { ...this.#shown.subject, ...by } };
  }

  #take({ target, steps }: GenerateResult): void {
    this.#patch({ target, steps });
  }

  #fail(thrown: unknown, status: ExplanationStatus): void {
    const error = toExplainError(thrown);
    this.#log.error(`${error.code}: ${error.message}${error.detail === undefined ? '' : `\n${error.detail}`}`);
    this.#patch({ status, error: error.toValue(), progress: null });
  }

  #release(explanation: string | undefined): void {
    if (explanation !== undefined) this.#engine.api?.release({ explanation }).catch(() => undefined);
  }

  #patch(change: Partial<ExplanationSnapshot>, when: 'now' | 'soon' = 'now'): void {
    if (!this.#shown) return;
    this.#shown = { ...this.#shown, snapshot: { ...this.#shown.snapshot, ...change, revision: ++this.#revision } };
    if (when === 'now') this.#fire();
    else this.#timer ??= setTimeout(() => this.#fire(), SNAPSHOT_INTERVAL_MS);
  }

  #fire(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changed.fire(this.snapshot);
  }
}

function isGpuLoss(thrown: unknown): thrown is ExplainError {
  return thrown instanceof ExplainError && thrown.code === 'GPU_LOST';
}

function isChatTrouble(thrown: unknown): boolean {
  return thrown instanceof ExplainError && thrown.code === 'TOKENIZER_UNSUPPORTED';
}
