/** One explained text inside the engine: its tokens, its attention, its generation. */
import { hasContent, type Content } from '../attention/content';
import { AttentionStore } from '../attention/store';
import type { Token } from '../attention/types';
import { ExplainError } from '../errors';
import type {
  BranchRequest,
  DecoderStep,
  EncodedText,
  ExplainRequest,
  GenerateResult,
  GenerationEnd,
  MaskFill,
} from '../protocol/engine';
import { say } from '../text/say';
import { deliver } from '../transformer/capture';
import { isTokenLogits, readFills, type MaskedPlace, type RawFill } from '../transformer/fill';
import { Generation, type RawStep } from '../transformer/generation';
import type { TokenProbability } from '../transformer/probabilities';
import type { Tensor } from '../transformer/session';
import { nextTask } from './macrotask';
import { maskTokens } from './masking';
import type { LoadedModel } from './loadedModel';
import { readWindow } from './window';

export type OnStep = (step: DecoderStep, token: Token) => void;

/** How a text is explained, where it is not simply as it stands. */
export type Ways = Pick<ExplainRequest, 'masked' | 'chat'>;

export class Explanation {
  readonly id: string;
  readonly store: AttentionStore;
  readonly #model: LoadedModel;
  readonly #source: readonly Token[];
  readonly #target: Token[];
  #generation: Generation | undefined;
  /** The encoder's states, which every decoder pass reads. */
  #states: Tensor | undefined;

  private constructor(id: string, model: LoadedModel, source: readonly Token[], target: readonly Token[]) {
    this.id = id;
    this.#model = model;
    this.#source = source;
    this.#target = [...target];
    this.store = new AttentionStore(model.report.kinds, model.report.family === 'decoder-only');
    this.store.setSpecial(
      'source',
      source.map((token) => token.special),
    );
    this.#markTarget();
  }

  /** Tokenises, runs the encoder (or a decoder-only model over the prompt) and keeps its attention. */
  static async create(
    id: string,
    text: string,
    windowStart: number,
    model: LoadedModel,
    ways: Ways = {},
  ): Promise<{ readonly explanation: Explanation; readonly encoded: EncodedText }> {
    const started = performance.now();
    const { window, tokens: read } = readWindow(
      text,
      model,
      windowStart,
      ways.chat === true && model.report.chatTemplate,
    );
    const { tokens, places } = maskTokens(read, ways.masked ?? [], model);
    const { family } = model.report;
    const target =
      family === 'decoder-only'
        ? tokens
        : family === 'encoder-decoder'
          ? [model.tokenizer.token(model.spec.decoderStart)]
          : [];
    const source = family === 'decoder-only' ? [] : tokens;
    const explanation = new Explanation(id, model, source, target);
    try {
      const fills = await explanation.#encode(places);
      return {
        explanation,
        encoded: { explanation: id, window, source, target, fills, milliseconds: performance.now() - started },
      };
    } catch (thrown) {
      explanation.dispose();
      throw thrown;
    }
  }

  async #encode(masks: readonly MaskedPlace[]): Promise<readonly MaskFill[]> {
    const { encoder, decoder, spec, report } = this.#model;
    let fills: readonly MaskFill[] = [];
    if (encoder) {
      const pass = await encoder.run(this.#source.map((token) => token.id));
      deliver(pass.weights, this.store, 0);
      if (decoder) this.#states = pass.output;
      else fills = await this.#fills(pass.output, masks);
    }
    if (decoder) {
      const given = this.#target.map((token) => token.id);
      this.#generation = new Generation({
        spec,
        decoder,
        encoder: this.#states && { states: this.#states, length: this.#source.length },
        given,
        limit: Math.min(this.#model.targetLimit, given.length + report.maxNewTokens),
        sink: this.store,
      });
      if (!encoder) await this.#generation.prefill();
    }
    return fills;
  }

  async #fills(output: Tensor, masks: readonly MaskedPlace[]): Promise<readonly MaskFill[]> {
    if (masks.length === 0 || !isTokenLogits(output, this.#source.length, 1)) {
      output.dispose();
      return [];
    }
    const fills = await readFills(output, masks);
    return fills.map(({ index, top, original }: RawFill) => ({
      index,
      top: top.map(this.#named),
      original: original && { ...this.#named(original), rank: original.rank },
    }));
  }

  /** Generates up to `count` tokens. An abort ends it within one step; what was generated stays. */
  async generate(count: number, signal: AbortSignal, onStep: OnStep): Promise<GenerateResult> {
    const generation = this.#require();
    let made = 0;
    for await (const step of generation.run(count, signal)) {
      made++;
      const token = this.#model.tokenizer.token(step.chosen.id);
      this.#target.push(token);
      this.#markTarget();
      onStep(this.#step(step), token);
      await nextTask();
    }
    const end: GenerationEnd = generation.ended
      ? 'end-of-sequence'
      : generation.full
        ? 'limit'
        : made >= count
          ? 'steps'
          : 'stopped';
    return this.#result(end);
  }

  async branch(request: BranchRequest): Promise<GenerateResult> {
    const generation = this.#require();
    await generation.branch(request.step, request.token);
    this.#syncTarget();
    return this.#result(generation.ended ? 'end-of-sequence' : 'steps');
  }

  /** Replaces the generation by `text`, teacher-forced in one pass. */
  async force(text: string): Promise<GenerateResult> {
    const generation = this.#require();
    const { tokenizer, spec, report } = this.#model;
    const ids = [...tokenizer.encodeBody(text).ids];
    if (report.family === 'encoder-decoder') {
      if (spec.rules.forcedFirst >= 0) ids.unshift(spec.rules.forcedFirst);
      const end = spec.endOfSequence[0];
      if (end !== undefined && ids.length > 0) ids.push(end);
    }
    await generation.force(ids);
    this.#syncTarget();
    return this.#result(generation.ended ? 'end-of-sequence' : generation.full ? 'limit' : 'steps');
  }

  /**
   * The weights of exactly the tokens that a question is about; all that there are where it does not say.
   * @throws ExplainError TEXT_CHANGED where the text no longer begins with those tokens
   */
  weights(of: Content | undefined): AttentionStore {
    if (of === undefined) return this.store;
    if (!hasContent(of, this.#source, this.#target)) throw new ExplainError('TEXT_CHANGED', say('engine.textChanged'));
    return this.store.upTo(of);
  }

  /** True once its model was unloaded: what was computed can be looked at, nothing more can be. */
  get orphaned(): boolean {
    return this.#model.disposed;
  }

  dispose(): void {
    this.#generation?.dispose();
    this.#states?.dispose();
    this.#states = undefined;
    this.#generation = undefined;
  }

  #require(): Generation {
    if (this.#model.disposed)
      throw new ExplainError('EXPLANATION_GONE', 'The model of this explanation was unloaded; explain the text again.');
    if (!this.#generation)
      throw new ExplainError('INVALID_REQUEST', 'This model reads text and does not generate any.');
    return this.#generation;
  }

  #syncTarget(): void {
    const target = this.#require().target;
    let same = 0;
    while (same < target.length && this.#target[same]?.id === target[same]) same++;
    this.#target.length = Math.min(this.#target.length, same);
    for (const id of target.slice(same)) this.#target.push(this.#model.tokenizer.token(id));
    this.#markTarget();
  }

  #markTarget(): void {
    this.store.setSpecial(
      'target',
      this.#target.map((token) => token.special),
    );
  }

  #named = (token: TokenProbability): { id: number; text: string; probability: number } => ({
    id: token.id,
    text: this.#model.tokenizer.tokenText(token.id),
    probability: token.probability,
  });

  #step(step: RawStep): DecoderStep {
    return { ...step, chosen: this.#named(step.chosen), top: step.top.map(this.#named) };
  }

  #result(end: GenerationEnd): GenerateResult {
    return { end, target: [...this.#target], steps: this.#require().steps.map((step) => this.#step(step)) };
  }
}
