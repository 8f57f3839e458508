/** Runs: reading a text, generating what follows from it, and what is noted when they fail. One at a time; the queue sees to that. */
import { ExplainError, isAbort, toExplainError } from '../../errors';
import type { EngineApi } from '../../protocol/engine';
import type { ExplanationSnapshot } from '../../protocol/panel';
import { say } from '../../text/say';
import type { Continuation } from './continuation';
import type { GenerationOutcome } from '../state/events';
import { generate, type Generating } from './generating';
import type { SessionPorts } from '../ports';
import type { Generated } from '../recipe/recipe';
import { placeOf, type Explanation } from '../state/state';
import type { SessionStore } from '../state/sessionStore';
import { UNGUIDED, unguidedLike, type Subject } from '../subject/subject';
import { textPairOf } from '../subject/textPair';
import { UnendedRuns, type RunName } from '../recipe/unended';

/** What is generated, and what another try goes on to. */
interface Performed {
  readonly run: Continuation['run'];
  /** Where it was to come, for a try that fails. */
  readonly goal: Generated | null;
  /** What was generated before and is being come back to, for a try that the user stops. */
  readonly left: Generated | null;
}

export class Runs {
  readonly #ports: SessionPorts;
  readonly #store: SessionStore;
  readonly #isOpen: (place: string) => boolean;
  readonly unended: UnendedRuns;

  /** @param isOpen whether something may still begin for a place */
  constructor(ports: SessionPorts, store: SessionStore, isOpen: (place: string) => boolean) {
    this.#ports = ports;
    this.#store = store;
    this.#isOpen = isOpen;
    this.unended = new UnendedRuns(ports.storage);
  }

  /** Reads a text for a place, and generates; noted for as long as it lasts. */
  async read(
    place: string,
    subject: Subject,
    signal: AbortSignal,
    replay: Generated | null,
    by: 'user' | 'restore',
  ): Promise<void> {
    if (signal.aborted) return;
    await this.unended.note(nameOf(subject), by, async () => {
      const id = await this.#readOnce(place, subject, signal, replay, true);
      const known = id === null ? undefined : this.#store.state.explanations.get(id);
      if (!known || known.snapshot.model?.family === 'encoder-only') return;
      const plain = { ...unguidedLike(subject.guidance), steps: this.#ports.maxNewTokens(), beam: null };
      const goal = replay ?? plain;
      const run: Continuation['run'] = (generating, own) => generate.again(generating, goal, own);
      await this.perform(known, { run, goal, left: replay }, signal);
    });
  }

  /** Reads a text for a place; the id of what is then on show, null where it could not be read. */
  async #readOnce(
    place: string,
    subject: Subject,
    signal: AbortSignal,
    replay: Generated | null,
    mayLeaveGpu: boolean,
  ): Promise<string | null> {
    if (!this.#isOpen(place)) return null;
    const id = this.#ports.newId();
    const progress = { phase: say('session.starting'), fraction: -1 };
    this.#store.dispatch({ type: 'read begun', place, id, subject, replay, progress });
    try {
      await this.#encode(place, id, subject, signal);
      return id;
    } catch (thrown) {
      if (isGpuLoss(thrown) && mayLeaveGpu && !signal.aborted) {
        this.#store.dispatch({ type: 'not read', place, error: null });
        this.#ports.engine.fallBackToWasm(thrown);
        return this.#readOnce(place, subject, signal, replay, false);
      }
      await this.#notRead(place, id, subject, thrown);
      return null;
    }
  }

  async #encode(place: string, id: string, subject: Subject, signal: AbortSignal): Promise<void> {
    const { reading, explained } = subject;
    const { chat: wantsChat, windowStart, specialsAsText } = reading;
    const text = {
      explanation: id,
      text: explained.text,
      windowStart,
      chat: wantsChat,
      specialsAsText,
      ...(explained.written && { written: explained.written }),
    };
    const { api, key, report, provider, milliseconds } = await this.#ports.engine.acquire(subject.model, signal, text);
    signal.throwIfAborted();
    this.#store.dispatch({ type: 'model loaded', place, model: report, provider });
    const chat = wantsChat && report.chatTemplate;
    const masked = report.fillsMasks ? reading.masked : [];
    const pair = textPairOf(explained, reading.pair, report);
    const { intervention } = reading;
    const ways = { masked, chat, ...(pair && { pair }), ...(intervention && { intervention }) };
    if (intervention && intervention.off.length > 0 && !(await api.gated({ model: key }, signal)))
      await api.gated({ model: key, files: await this.#ports.engine.files(subject.model, signal) }, signal);
    const encoded = await api.explain({ ...text, model: key, ...ways }, signal);
    this.#store.dispatch({ type: 'read', place, encoded, chat, load: milliseconds });
  }

  async #notRead(place: string, id: string, subject: Subject, thrown: unknown): Promise<void> {
    if (isAbort(thrown)) {
      this.#store.dispatch({ type: 'not read', place, error: null });
      return;
    }
    const error = toExplainError(thrown);
    this.logError(error);
    this.#store.dispatch({ type: 'not read', place, error: error.toValue() });
    // A template that cannot be used any more must not keep a text from being explained: the next try is without it.
    if (!subject.reading.chat || error.code !== 'TOKENIZER_UNSUPPORTED' || !this.#store.state.explanations.has(id))
      return;
    this.#store.dispatch({ type: 'chat left', explanation: id });
    await this.#ports.chats.set(subject.model.id, false);
  }

  /** The frame of everything that generates: status before and after, and errors. */
  async perform(
    { id: explanation, snapshot: { status, end } }: Explanation,
    { run, goal, left }: Performed,
    signal: AbortSignal,
  ): Promise<void> {
    const began = this.#ports.clock.now();
    const ended = (outcome: GenerationOutcome): void =>
      this.#store.dispatch({
        type: 'generation ended',
        explanation,
        outcome,
        milliseconds: this.#ports.clock.now() - began,
      });
    this.#store.dispatch({ type: 'generation begun', explanation });
    try {
      const result = await run(this.#generatingFor(explanation), signal);
      ended(result === 'stopped' ? { type: 'stopped', left } : { type: 'ended', end: result });
    } catch (thrown) {
      if (isAbort(thrown)) ended({ type: 'stopped', left });
      else {
        const error = toExplainError(thrown);
        this.logError(error);
        if (isGpuLoss(thrown)) this.#ports.engine.fallBackToWasm(thrown);
        const isRefusal = ['INVALID_REQUEST', 'NO_TOKENS', 'SELECTION_TOO_LARGE'].includes(error.code);
        if (isRefusal) ended({ type: 'refused', error: error.toValue(), before: { status: settled(status), end } });
        else ended({ type: 'failed', error: error.toValue(), goal });
      }
    }
  }

  /** The engine's service for an explanation that is on show. @throws ExplainError EXPLANATION_GONE */
  engineFor(explanation: string): EngineApi {
    const { api } = this.#ports.engine;
    if (!api || placeOf(this.#store.state, explanation) === undefined)
      throw new ExplainError('EXPLANATION_GONE', say('session.gone'));
    return api;
  }

  #generatingFor(explanation: string): Generating {
    const known = (): Explanation | undefined => this.#store.state.explanations.get(explanation);
    return {
      explanation,
      api: this.engineFor(explanation),
      get steps() {
        return known()?.snapshot.steps.length ?? 0;
      },
      get beams() {
        return known()?.snapshot.beams ?? null;
      },
      get guidance() {
        return known()?.subject?.guidance ?? UNGUIDED;
      },
      take: (result) => this.#store.dispatch({ type: 'generated', explanation, result }),
      guide: (by) => this.#store.dispatch({ type: 'guided', explanation, by }),
    };
  }

  logError({ code, message, detail }: ExplainError): void {
    this.#ports.log.error(`${code}: ${message}${detail === undefined ? '' : `\n${detail}`}`);
  }
}

/** The status of an explanation at rest; one whose run was refused before it began is as it was. */
function settled(status: ExplanationSnapshot['status']): ExplanationSnapshot['status'] {
  return status === 'done' || status === 'failed' ? status : 'paused';
}

/** What names a run beside its time: never the text. */
export function nameOf({ model, hash }: Subject): RunName {
  return { modelId: model.id, hash };
}

function isGpuLoss(thrown: unknown): thrown is ExplainError {
  return thrown instanceof ExplainError && thrown.code === 'GPU_LOST';
}
