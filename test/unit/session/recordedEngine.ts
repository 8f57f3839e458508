/**
 * The engine as the session sees it, played back: what a model "computes" is looked up, not computed, and every answer
 * waits until the test lets it go (`tick`), so that a test can choose the order of all that can happen. It refuses what
 * the worker must never be asked: two runs at once, or anything of an explanation that it was told to let go.
 */
import { ENGINE_CHECKS } from '../../../src/protocol/checks';
import { decodingDefaults } from '../../../src/engine/model/decodingDefaults';
import { ExplainError, type ErrorCode, toExplainError } from '../../../src/errors';
import { contentOf } from '../../../src/attention/content';
import type { Token, TokenWeights } from '../../../src/attention/types';
import type { DecodingSettings } from '../../../src/protocol/decodingSettings';
import type {
  Alternative,
  DecoderStep,
  EncodedText,
  EngineApi,
  EngineEvents,
  ExplainRequest,
  GenerateResult,
  GenerationEnd,
  LeftOutCosts,
  ModelFiles,
  ModelKey,
  ModelReport,
  ProviderReport,
} from '../../../src/protocol/engine';
import type { EnginePort, Listen, ReadyModel } from '../../../src/session/ports';
import type { ModelName } from '../../../src/session/subject/subject';

const PROVIDER: ProviderReport = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: 'test' };
const END = 2;
/** Most tokens that any of the models writes. */
const LIMIT = 40;

export const TRANSLATOR: ModelName = { id: 'translator', name: 'Translator' };
export const BERT: ModelName = { id: 'bert', name: 'Bert' };
export const GPT: ModelName = { id: 'gpt', name: 'Gpt' };

/** What a model's settings begin with. */
export const DECODING = decodingDefaults({}, undefined, LIMIT);

function reportOf({ id, name }: ModelName): ModelReport {
  const families = {
    translator: 'encoder-decoder',
    bert: 'encoder-only',
    gpt: 'decoder-only',
    pairs: 'encoder-only',
  } as const;
  return {
    modelId: id,
    name,
    fingerprint: `${id}-1`,
    family: families[id as keyof typeof families],
    kinds: [],
    maxTokens: 100,
    maxNewTokens: LIMIT,
    vocabularySize: 1000,
    headDimension: 8,
    alignmentHeads: [],
    fillsMasks: id === 'bert',
    chatTemplate: id === 'gpt',
    ...(id === 'pairs' && { task: 'labels', pairs: true }),
    decoding: DECODING,
    languages: [],
    notes: [],
  };
}

const token = (id: number, text: string, start = -1, end = -1): Token => ({
  id,
  text,
  special: start < 0,
  start,
  end,
  partial: false,
});

function hashOf(text: string): number {
  let hash = 7;
  for (const character of text) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash;
}

/** The text's words, from the window on, with `[MASK]` in place of those that are masked. */
function wordsOf({ text, windowStart, masked = [], intervention }: ExplainRequest): readonly Token[] {
  const words = [...text.matchAll(/\S+/g)]
    .slice(windowStart)
    .filter((_, at) => intervention?.ranges.some(({ from, to }) => at >= from && at < to) !== true);
  return words.map(({ 0: word, index }, at) =>
    masked.includes(at)
      ? token(103, '[MASK]', index, index + word.length)
      : token(10 + (hashOf(word) % 900), word, index, index + word.length),
  );
}

/** What the model writes after `before`: decided by the text, the settings and all that was written. */
function written(
  request: ExplainRequest,
  given: number,
  before: readonly Token[],
  decoding: DecodingSettings | undefined,
): Alternative {
  const made = before.length - given;
  const words = wordsOf(request).length;
  if (made >= words) return { id: END, text: '</s>', probability: 0.9 };
  const way = `${request.model.modelId}|${request.text}|${request.windowStart}|${request.chat === true}|${decoding ? JSON.stringify(decoding) : ''}|${before.map(({ id }) => id).join(',')}`;
  const id = 10 + (hashOf(way) % 900);
  return { id, text: `w${id}`, probability: 0.5 };
}

interface Kept {
  readonly request: ExplainRequest;
  readonly given: readonly Token[];
  target: Token[];
  steps: DecoderStep[];
}

interface Waiting {
  readonly what: string;
  readonly go: () => void;
}

export class RecordedEngine implements EnginePort {
  readonly asked: { readonly method: string; readonly request: unknown }[] = [];
  readonly broken: string[] = [];
  readonly explanations = new Map<string, Kept>();
  /** Fails what goes on next, of this kind or of any. */
  failNext: { readonly code: ErrorCode; readonly in?: string } | null = null;
  gpuLeft = 0;
  #api: EngineApi | undefined;
  #running: string | null = null;
  #waiting: Waiting[] = [];
  readonly #steps = new Set<(step: EngineEvents['step']) => unknown>();
  readonly #tokens = new Set<(tokens: EngineEvents['tokens']) => unknown>();
  readonly #progress = new Set<(progress: EngineEvents['progress']) => unknown>();
  readonly #measuring = new Set<(measuring: EngineEvents['measuring']) => unknown>();
  readonly #leftOut = new Set<(leftOut: EngineEvents['leftOut']) => unknown>();
  /** Whose files were read once more. */
  readonly filesRead: string[] = [];

  readonly onStep: Listen<EngineEvents['step']> = (listener) => {
    this.#steps.add(listener);
    return { dispose: () => this.#steps.delete(listener) };
  };
  readonly onProgress: Listen<EngineEvents['progress']> = (listener) => {
    this.#progress.add(listener);
    return { dispose: () => this.#progress.delete(listener) };
  };

  readonly onTokens: Listen<EngineEvents['tokens']> = (listener) => {
    this.#tokens.add(listener);
    return { dispose: () => this.#tokens.delete(listener) };
  };

  readonly onCosts: Listen<EngineEvents['costs']> = () => ({ dispose: () => undefined });
  readonly onLeftOut: Listen<EngineEvents['leftOut']> = (listener) => {
    this.#leftOut.add(listener);
    return { dispose: () => this.#leftOut.delete(listener) };
  };
  readonly onBeams: Listen<EngineEvents['beams']> = () => ({ dispose: () => undefined });
  readonly onMeasuring: Listen<EngineEvents['measuring']> = (listener) => {
    this.#measuring.add(listener);
    return { dispose: () => this.#measuring.delete(listener) };
  };

  files({ id }: ModelName): Promise<ModelFiles> {
    this.filesRead.push(id);
    return Promise.resolve({ 'config.json': new Uint8Array(2) });
  }

  get api(): EngineApi | undefined {
    return this.#api;
  }

  /** The tokenizer is there before the model is. */
  tellTokens(tokens: EngineEvents['tokens']): void {
    for (const listener of this.#tokens) listener(tokens);
  }

  /** What waits to go on. */
  get waiting(): readonly string[] {
    return this.#waiting.map(({ what }) => what);
  }

  /** Lets one of the things that wait go on. */
  tick(which = 0): void {
    const [next] = this.#waiting.splice(which % Math.max(1, this.#waiting.length), 1);
    next?.go();
  }

  /** The worker ends by itself: all that waits fails, and its explanations are gone. */
  die(): void {
    this.failNext = null;
    this.#api = undefined;
    this.explanations.clear();
    this.#dead++;
    for (const { go } of this.#waiting.splice(0)) go();
  }
  #dead = 0;
  #measured = false;
  #gated = false;

  fallBackToWasm(): void {
    this.gpuLeft++;
    this.die();
  }

  /** What was to be read by the models that were asked for. */
  readonly texts: unknown[] = [];

  async acquire(model: ModelName, signal: AbortSignal, text?: Omit<ExplainRequest, 'model'>): Promise<ReadyModel> {
    this.texts.push(text);
    return this.#alone('acquire', model, signal, () => {
      this.#api ??= this.#makeApi();
      const key: ModelKey = { modelId: model.id, version: 'v1' };
      return { api: this.#api, key, report: reportOf(model), provider: PROVIDER, milliseconds: 5 };
    });
  }

  /** Waits until the test says go. */
  async #wait(what: string, signal?: AbortSignal): Promise<void> {
    const life = this.#dead;
    await new Promise<void>((resolve) => this.#waiting.push({ what, go: resolve }));
    if (life !== this.#dead) throw new ExplainError('ENGINE_LOST', 'The engine stopped unexpectedly; run it again.');
    if (this.failNext && (this.failNext.in ?? what) === what) {
      const { code } = this.failNext;
      this.failNext = null;
      throw new ExplainError(code, `Played back: ${code}.`);
    }
    signal?.throwIfAborted();
  }

  /** What the worker must be asked one by one. */
  async #alone<T>(what: string, request: unknown, signal: AbortSignal | undefined, run: () => T): Promise<T> {
    this.#begin(what, request);
    try {
      await this.#wait(what, signal);
      return run();
    } finally {
      this.#running = null;
    }
  }

  #begin(what: string, request: unknown): void {
    this.asked.push({ method: what, request });
    if (this.#running !== null) this.broken.push(`${what} while ${this.#running} runs`);
    this.#running = what;
  }

  #kept(id: string): Kept {
    const kept = this.explanations.get(id);
    if (!kept) throw new ExplainError('EXPLANATION_GONE', 'This explanation is no longer in memory; explain it again.');
    return kept;
  }

  /** The tokens of an explanation, as they stand. */
  #textOf(id: string): { readonly source: readonly Token[]; readonly target: readonly Token[] } {
    const { request, target } = this.#kept(id);
    const isDecoder = reportOf({ id: request.model.modelId, name: '' }).family === 'decoder-only';
    return { source: isDecoder ? [] : [...wordsOf(request), token(END, '</s>')], target: [...target] };
  }

  #encode(request: ExplainRequest): EncodedText {
    const words = wordsOf(request);
    if (words.length === 0) throw new ExplainError('NO_TOKENS', 'There is no token in this window; choose another.');
    const { family } = reportOf({ id: request.model.modelId, name: '' });
    const body = [...words, token(END, '</s>')];
    const source = family === 'decoder-only' ? [] : body;
    const start = family === 'encoder-decoder' ? [token(1, '<s>')] : [];
    const target = family === 'decoder-only' ? words : start;
    this.explanations.set(request.explanation, { request, given: target, target: [...target], steps: [] });
    const { length } = request.text;
    return {
      explanation: request.explanation,
      window: { totalTokens: words.length, start: 0, end: words.length, startOffset: 0, endOffset: length },
      source,
      target: [...target],
      fills: (request.masked ?? []).map((index) => ({
        index,
        top: [],
        original: { id: 1, text: 'was', probability: 0.1, rank: 3 },
      })),
      ...(request.intervention && { intervention: { ...request.intervention, pieces: [] } }),
      milliseconds: 3,
    };
  }

  #step(kept: Kept, chosen: Alternative, origin: DecoderStep['origin']): DecoderStep {
    const step = { index: kept.target.length, chosen, rank: 1, top: [chosen], origin, milliseconds: 1 };
    kept.target.push(token(chosen.id, chosen.text));
    kept.steps.push(step);
    return step;
  }

  #result({ target, steps }: Kept, end: GenerationEnd): GenerateResult {
    // As over a channel: nothing of the worker's own is handed out.
    return structuredClone({ end, target, steps, beams: null });
  }

  /** Asked as the worker is: what does not fit its schema is refused, and noted as broken. */
  #makeApi(): EngineApi {
    const methods = Object.entries(this.#methods()) as [keyof EngineApi, EngineApi[keyof EngineApi]][];
    const checked = methods.map(([method, run]) => [
      method,
      (request: unknown, signal?: AbortSignal): Promise<unknown> => {
        try {
          ENGINE_CHECKS[method](request);
        } catch (thrown) {
          this.broken.push(`${method} is asked ${JSON.stringify(request)}`);
          return Promise.reject(toExplainError(thrown));
        }
        return run(request as never, signal);
      },
    ]);
    return Object.fromEntries(checked) as EngineApi;
  }

  #methods(): EngineApi {
    const never = (): Promise<never> => Promise.reject(new Error('not played back'));
    return {
      findProvider: never,
      compile: never,
      start: never,
      use: never,
      load: never,
      file: never,
      gated: ({ files }) => {
        this.#gated ||= files !== undefined;
        return Promise.resolve(this.#gated);
      },
      probeText: never,
      headsOff: never,
      openBeam: never,
      lesson: never,
      headCosts: ({ explanation, kind }) => {
        const { source, target } = this.#textOf(explanation);
        const costs = Float32Array.of(0.1, -0.2);
        const layerCosts = Float32Array.of(NaN);
        const of = contentOf(source, target);
        return Promise.resolve({
          of,
          kind,
          layers: 1,
          heads: 2,
          plain: -1,
          costs,
          layerCosts,
          done: 2,
          gaps: ['none'],
        });
      },
      // Each piece costs a third more than the one before.
      leaveOut: async ({ explanation, ranges, manner }, signal) => {
        const { source, target } = this.#textOf(explanation);
        const costs = new Float32Array(ranges.length).fill(NaN);
        const sofar = (done: number): LeftOutCosts => ({
          of: contentOf(source, target),
          sequence: 'source',
          ranges,
          manner,
          outputSequence: 'target',
          outputs: [1],
          plain: -0.5,
          costs: costs.slice(),
          done,
          gaps: [],
          agreement: null,
        });
        for (let at = 0; at < ranges.length; at++) {
          await this.#wait('piece', signal);
          costs[at] = (at + 1) / 3;
          for (const listener of this.#leftOut) listener({ explanation, sofar: sofar(at + 1) });
        }
        return sofar(ranges.length);
      },
      inputWithout: never,
      lens: never,
      attribution: never,
      // Its sessions are made when it is first asked with files, as the worker's are.
      measure: ({ explanation, measure, files }) => {
        this.#kept(explanation);
        if (!files && !this.#measured) return Promise.resolve(null);
        this.#measured = true;
        for (const listener of this.#measuring) listener({ explanation, measure, fraction: 0.5 });
        const of = { source: 1, target: 1, hash: 1 };
        return Promise.resolve({ measure, of, kinds: [], milliseconds: 1 });
      },
      explain: (request, signal) => this.#alone('explain', request, signal, () => this.#encode(request)),
      generate: async ({ explanation, maxSteps, decoding }, signal) => {
        this.#begin('generate', { explanation, maxSteps, ...(decoding && { decoding }) });
        try {
          const kept = this.#kept(explanation);
          const isEnded = (): boolean => kept.target.at(-1)?.id === END && kept.steps.length > 0;
          for (let made = 0; made < maxSteps && !isEnded() && kept.steps.length < LIMIT; made++) {
            await this.#wait('step');
            // An abort ends it within one step; what was generated stays.
            if (signal?.aborted) return this.#result(kept, 'stopped');
            const chosen = written(kept.request, kept.given.length, kept.target, decoding);
            const step = this.#step(kept, chosen, decoding?.doSample === true ? 'sampled' : 'greedy');
            const told = structuredClone({ explanation, step, token: kept.target.at(-1) as Token });
            for (const listener of this.#steps) listener(told);
          }
          await this.#wait('generate');
          if (isEnded()) return this.#result(kept, 'end-of-sequence');
          return this.#result(kept, kept.steps.length >= LIMIT ? 'limit' : 'steps');
        } finally {
          this.#running = null;
        }
      },
      branch: ({ explanation, step, token: id }, signal) =>
        this.#alone('branch', { explanation, step, token: id }, signal, () => {
          const kept = this.#kept(explanation);
          if (step >= kept.steps.length && step > 0)
            throw new ExplainError('INVALID_REQUEST', 'There is no such step.');
          kept.steps.length = Math.min(step, kept.steps.length);
          kept.target.length = kept.given.length + kept.steps.length;
          if (id >= 0) this.#step(kept, { id, text: `w${id}`, probability: 0.1 }, 'branch');
          return this.#result(kept, kept.target.at(-1)?.id === END ? 'end-of-sequence' : 'steps');
        }),
      force: ({ explanation, text }, signal) =>
        this.#alone('force', { explanation, text }, signal, () => {
          const kept = this.#kept(explanation);
          const words = text.match(/\w+/g) ?? [];
          if (words.length === 0) throw new ExplainError('NO_TOKENS', 'There is nothing to force; type some text.');
          kept.steps.length = 0;
          kept.target.length = kept.given.length;
          for (const word of words)
            this.#step(kept, { id: 10 + (hashOf(word) % 900), text: word, probability: 0.2 }, 'forced');
          return this.#result(kept, 'steps');
        }),
      roles: never,
      alignment: never,
      measureHeads: (request, signal) =>
        this.#alone('measureHeads', request, signal, () => ({ sentences: 50, roles: [], alignment: null })),
      head: never,
      atlas: never,
      tokenWeights: async (request, signal): Promise<readonly TokenWeights[]> => {
        this.asked.push({ method: 'tokenWeights', request });
        await this.#wait('tokenWeights', signal);
        this.#kept(request.explanation);
        const data = Float32Array.from([request.indices[0] ?? -1]);
        return [{ kind: 'encoder', role: 'query', layers: 1, heads: 1, length: 1, data }];
      },
      release: ({ explanation }) => {
        this.explanations.delete(explanation);
        return Promise.resolve();
      },
    };
  }
}
