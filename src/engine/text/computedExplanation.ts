/** One explained text inside the engine: its tokens, its attention, its generation. */
import type { ModelReader } from '../ablation/gatedReader';
import type { OutputText } from '../ablation/outputPlaces';
import { contentOf, type Content } from '../../attention/content';
import { AttentionStore } from '../../attention/attentionStore';
import type { HeadRef, ProbedMeasure, SequenceName, TextKind, Token } from '../../attention/types';
import { ExplainError } from '../../errors';
import type {
  BeamReport,
  BranchRequest,
  DecoderStep,
  EncodedText,
  GenerateResult,
  GenerationEnd,
  MaskFill,
  SteppedAlternative,
  TaskAnswer,
} from '../../protocol/engine';
import type { DecodingSettings } from '../../protocol/decodingSettings';
import { say } from '../../text/say';
import { MOST_SHARING } from '../../tokenizer/index';
import type { Generation, RankedToken, RawStep, TextEnd } from '../../transformer/generation';
import type { Tensor } from '../../transformer/tensorSession';
import { nextTask } from '../macrotask';
import { heldOf, type HeldWeights } from '../weights/maps';
import { MadeMeasures } from '../measures/madeMeasures';
import { measuredStore, type MadeMeasure } from '../measures/makeMeasure';
import { BeamedText } from './beamedText';
import { maskTokens } from './masking';
import type { LoadedModel } from '../model/loadedModel';
import { searchSettings, type SearchSettings } from './searchSettings';
import { sequencesIn, type TextSequences } from './sequenceIds';
import { readPart, sequencesOf, type Ways } from './readPart';
import { readWithout } from './readWithout';
import { runText } from './runText';
import { WrittenText } from './writtenText';

/** What ended a text, as it is told to who asked; `otherwise` where the text itself goes on. */
function endOf(end: TextEnd, otherwise: GenerationEnd): GenerationEnd {
  switch (end) {
    case 'model':
      return 'end-of-sequence';
    case 'chosen':
      return 'chosen-end';
    case 'forced':
    case 'limit':
    case 'full':
      return end;
    case null:
      return otherwise;
  }
}

export type OnBeams = (report: BeamReport) => void;
export type OnStep = (step: DecoderStep, token: Token, completed: readonly Token[]) => void;

/** The largest difference that weights computed anew from queries and keys may have from the model's own. */
const MOST_DIFFERENCE = 1e-5;

/** A text as a model has read it, and what is written after it. Holds tensors of the model until `dispose`. */
export class ComputedExplanation {
  readonly id: string;
  readonly store: AttentionStore;
  readonly #model: LoadedModel;
  readonly #reader: ModelReader;
  readonly #source: readonly Token[];
  readonly #target: WrittenText;
  readonly #measures: MadeMeasures;
  /** Tokens that the target began with. */
  readonly #given: number;
  #fills: readonly MaskFill[] = [];
  #answer: TaskAnswer | undefined;
  #other: readonly number[] | undefined;
  #off: readonly HeadRef[] = [];
  #generation: Generation | undefined;
  /** The search that the text is of. */
  #beams: BeamedText | undefined;
  /** The encoder's states, which every decoder pass reads. */
  #states: Tensor | undefined;

  private constructor(
    id: string,
    model: LoadedModel,
    reader: ModelReader,
    source: readonly Token[],
    target: readonly Token[],
    written: TextKind,
  ) {
    this.id = id;
    this.#model = model;
    this.#reader = reader;
    this.#source = source;
    this.#target = new WrittenText(target, model.tokenizer, written);
    this.#given = target.length;
    this.store = new AttentionStore(model.report.kinds, model.report.family === 'decoder-only');
    this.store.setSpecial(
      'source',
      source.map((token) => token.special),
    );
    this.#measures = new MadeMeasures(model.report.kinds, this.store, () => this.tokens);
    this.#markTarget();
  }

  /**
   * Tokenises, runs the encoder (or a decoder-only model over the prompt) and keeps its attention.
   * @param told how much of a long text is read, 0 to 1
   * @param reader what reads it where it is not the model as it is: the intervention's heads are off in it
   */
  static async create(
    id: string,
    text: string,
    windowStart: number,
    model: LoadedModel,
    ways: Ways = {},
    signal?: AbortSignal,
    told?: (fraction: number) => void,
    reader: ModelReader = model,
  ): Promise<{ readonly explanation: ComputedExplanation; readonly encoded: EncodedText }> {
    const started = performance.now();
    const { written = 'prose' } = ways;
    // Words are marked before tokens are masked, so that masks in the place of a word's tokens still are that word.
    const { window, tokens: marked, other, cut = 0 } = readPart(text, windowStart, model, ways, written);
    const less = ways.intervention && readWithout(text, marked, ways.intervention, model);
    const { tokens, places } = maskTokens(less?.tokens ?? marked, ways.masked ?? [], model);
    const { source, target } = sequencesOf(tokens, model);
    const explanation = new ComputedExplanation(id, model, reader, source, target, written);
    const toRun = { source, target, masks: places, other: other && { ids: other, cut }, reader };
    try {
      const { fills, answer, states, generation } = await runText(model, toRun, explanation.store, told, signal);
      explanation.#states = states;
      explanation.#generation = generation;
      if (explanation.#differs()) {
        // Now weights are kept, which take more memory, so that less of the text is read.
        explanation.dispose();
        return await ComputedExplanation.create(id, text, windowStart, model, ways, signal, told, reader);
      }
      explanation.#fills = fills;
      explanation.#answer = answer;
      explanation.#other = other;
      explanation.#off = less?.done.off ?? [];
      return {
        explanation,
        encoded: {
          explanation: id,
          window,
          source,
          target,
          fills,
          ...(answer && { answer }),
          ...(less && { intervention: less.done }),
          milliseconds: performance.now() - started,
        },
      };
    } catch (thrown) {
      explanation.dispose();
      throw thrown;
    }
  }

  /**
   * True where weights computed anew are not the model's after all, because of a sliding window or the like, which a short text does
   * not show. From then on weights are kept.
   */
  #differs(): boolean {
    const { decoder } = this.#reader;
    if (!decoder || this.store.difference <= MOST_DIFFERENCE) return false;
    for (const one of [decoder, this.#model.decoder]) if (one) one.scales = undefined;
    return true;
  }

  /**
   * Generates up to `count` tokens. An abort ends it within one step; what was generated stays. With several beams it searches up to
   * `count` steps, going on with the search that the text is of where there is one, and then shows the best text.
   */
  async generate(
    count: number,
    signal: AbortSignal,
    onStep: OnStep,
    decoding?: DecodingSettings,
    onBeams: OnBeams = () => undefined,
  ): Promise<GenerateResult> {
    const generation = this.#require();
    const choosing = searchSettings(decoding);
    if (choosing) return this.#search(count, signal, onStep, onBeams, choosing);
    if (count > 0) this.#leaveBeams();
    let made = 0;
    for await (const step of generation.run(count, signal, decoding)) {
      if (this.#differs()) throw new ExplainError('SELFTEST_FAILED', say('engine.otherRows'));
      made++;
      await this.#takeStep(step, onStep);
    }
    return this.#result(endOf(generation.end, made >= count ? 'steps' : 'stopped'));
  }

  /** Shows another text of the search: its tokens are fed again one by one, so that its weights are there. */
  async openBeam(token: number, signal: AbortSignal, onStep: OnStep): Promise<GenerateResult> {
    this.#require();
    const beams = this.#beams;
    if (!beams) throw new ExplainError('INVALID_REQUEST', say('engine.noSuchBeam'));
    await this.#open(beams, token, signal, onStep);
    return this.#result(this.#endOfBeam(beams, signal));
  }

  async #search(
    count: number,
    signal: AbortSignal,
    onStep: OnStep,
    onBeams: OnBeams,
    choosing: SearchSettings,
  ): Promise<GenerateResult> {
    const generation = this.#require();
    const beams = count > 0 ? (this.#beams ?? (await this.#beginSearch(choosing, signal))) : this.#beams;
    if (!beams) return this.#result(endOf(generation.end, signal.aborted ? 'stopped' : 'steps'));
    await beams.search(count, signal, onBeams);
    if (count > 0 && beams.best >= 0) await this.#open(beams, beams.best, signal, onStep);
    return this.#result(this.#endOfBeam(beams, signal));
  }

  /** Undefined where the text has ended, or it was cancelled before it began. */
  async #beginSearch(choosing: SearchSettings, signal: AbortSignal): Promise<BeamedText | undefined> {
    const { spec, tokenizer } = this.#model;
    const { decoder } = this.#reader;
    const start = await this.#require().searchStart(choosing, signal);
    if (!start || !decoder) return undefined;
    const encoder = this.#states && { states: this.#states, length: this.#source.length };
    return (this.#beams = new BeamedText({ spec, decoder, encoder, start, choosing }, tokenizer));
  }

  /** An abort leaves the text's first tokens on show, or what was there where it came before the first. */
  async #open(beams: BeamedText, token: number, signal: AbortSignal, onStep: OnStep): Promise<void> {
    const path = beams.pathTo(token);
    if (signal.aborted || beams.opened === token) return;
    const { start, choosing } = beams;
    // Questions that come meanwhile must not be answered from rows of two different texts.
    this.#target.cut(start.target.length);
    beams.opened = -1;
    const ids = path.map((one) => beams.idOf(one));
    let at = 0;
    for await (const step of this.#require().follow(start, ids, choosing, signal)) {
      if (this.#differs()) throw new ExplainError('SELFTEST_FAILED', say('engine.otherRows'));
      beams.opened = path[at++] ?? -1;
      await this.#takeStep(step, onStep);
    }
  }

  #endOfBeam(beams: BeamedText, signal: AbortSignal): GenerationEnd {
    if (this.#require().end === 'model') return 'end-of-sequence';
    if (signal.aborted) return 'stopped';
    return beams.isDone ? 'beam' : 'steps';
  }

  #leaveBeams(): void {
    this.#beams?.dispose();
    this.#beams = undefined;
  }

  async branch(request: BranchRequest): Promise<GenerateResult> {
    const generation = this.#require();
    const { vocabularySize } = this.#model.report;
    if ((request.decoding?.forcedFirst ?? -1) >= vocabularySize)
      throw new ExplainError('INVALID_REQUEST', say('transformer.notInVocabulary'));
    this.#leaveBeams();
    await generation.branch(request.step, request.token);
    this.#syncTarget();
    return this.#result(endOf(generation.end, 'steps'));
  }

  /** Takes a step's token over, and tells it. */
  async #takeStep(step: RawStep, onStep: OnStep): Promise<void> {
    const completed = this.#target.push(step.chosen.id);
    this.#markTarget();
    onStep(this.#step(step), this.#target.at(step.index) ?? this.#model.tokenizer.token(step.chosen.id), completed);
    await nextTask();
  }

  /** Replaces the generation by `text`, teacher-forced; every token of it has its row, and a run goes on from the last. */
  async force(text: string, decoding?: DecodingSettings): Promise<GenerateResult> {
    const generation = this.#require();
    const { tokenizer, spec, report } = this.#model;
    const ids = [...tokenizer.encodeBody(text).ids];
    const { forcedFirst } = { ...spec.rules, ...decoding };
    if (report.family === 'encoder-decoder' && forcedFirst >= 0 && ids.length > 0 && ids[0] !== forcedFirst)
      ids.unshift(forcedFirst);
    generation.checkForce(ids);
    this.#leaveBeams();
    // Questions that come meanwhile must not be answered from rows of two different texts.
    this.#target.cut(this.#given);
    await generation.force(ids);
    // Teacher forcing feeds all but the last token. That one is fed too: its row says what the last word looks at.
    await generation.prefill();
    this.#syncTarget();
    return this.#result(endOf(generation.end, 'steps'));
  }

  get model(): LoadedModel {
    return this.#model;
  }

  /** What a model with a task head answers; undefined of others. */
  get answer(): TaskAnswer | undefined {
    return this.#answer;
  }

  /** The ids of the text that this one is compared with; undefined where there is none. */
  get other(): readonly number[] | undefined {
    return this.#other;
  }

  /** Heads that were off when it was read, and are off in all that is written after it. */
  get off(): readonly HeadRef[] {
    return this.#off;
  }

  /** The text as what its output is told from. */
  get outputText(): OutputText {
    const { family } = this.#model.report;
    return { family, source: this.#source, target: this.#target.tokens, given: this.#given, fills: this.#fills };
  }

  /** Ids of both sequences as they stand. */
  get sequences(): TextSequences {
    return sequencesIn(this.tokens);
  }

  /**
   * The weights of exactly the tokens that a question is about; all that there are where it does not say.
   * @throws ExplainError TEXT_CHANGED where the text no longer begins with those tokens
   */
  weights(of: Content | undefined): HeldWeights {
    return heldOf({ store: this.store, source: this.#source, target: this.#target.tokens }, of);
  }

  /**
   * A measure in place of the weights, of exactly the tokens that a question is about.
   * @throws ExplainError TEXT_CHANGED as `weights` does, and where the measure was made of another text, or not yet
   */
  measured(measure: ProbedMeasure, of: Content | undefined): HeldWeights {
    const made = this.made(measure, of);
    if (!made) throw new ExplainError('TEXT_CHANGED', say('engine.measureGone'));
    return heldOf({ ...this.tokens, store: measuredStore(this.store, made) }, of);
  }

  /** A measure that was made, where it is of a text that begins with the tokens that are asked about. */
  made(measure: ProbedMeasure, of: Content = contentOf(this.#source, this.#target.tokens)): MadeMeasure | undefined {
    return this.#measures.of(measure, of);
  }

  /** Makes a measure of the text as it stands (`MadeMeasures.make`). */
  make(...question: Parameters<MadeMeasures['make']>): Promise<MadeMeasure> {
    return this.#measures.make(...question);
  }

  /** Bytes of weights, and of what was made of them. */
  get bytes(): number {
    return this.store.bytes + this.#measures.bytes;
  }

  /** Both sequences as they stand. */
  get tokens(): Readonly<Record<SequenceName, readonly Token[]>> {
    return { source: this.#source, target: this.#target.tokens };
  }

  /** True once its model was unloaded: what was computed can be looked at, nothing more can be. */
  get orphaned(): boolean {
    return this.#model.disposed;
  }

  dispose(): void {
    this.#leaveBeams();
    this.#generation?.dispose();
    this.#states?.dispose();
    this.#states = undefined;
    this.#generation = undefined;
  }

  #require(): Generation {
    if (this.#model.disposed) throw new ExplainError('EXPLANATION_GONE', say('engine.modelUnloaded'));
    if (!this.#generation) throw new ExplainError('INVALID_REQUEST', say('engine.noGeneration'));
    return this.#generation;
  }

  #syncTarget(): void {
    this.#target.become(this.#require().target);
    this.#markTarget();
  }

  #markTarget(): void {
    this.store.setSpecial(
      'target',
      this.#target.tokens.map((token) => token.special),
    );
  }

  #step(step: RawStep): DecoderStep {
    const { tokenizer } = this.#model;
    const before = this.#target.ids(Math.max(0, step.index - MOST_SHARING), step.index);
    const read = (token: RankedToken): SteppedAlternative => ({ ...token, ...tokenizer.after(before, token.id) });
    const { text, parts } = this.#target.at(step.index) ?? tokenizer.token(step.chosen.id);
    return { ...step, chosen: { ...step.chosen, text, ...(parts && { parts }) }, top: step.top.map(read) };
  }

  #result(end: GenerationEnd): GenerateResult {
    return {
      end,
      target: this.#target.tokens,
      steps: this.#require().steps.map((step) => this.#step(step)),
      beams: this.#beams?.report() ?? null,
    };
  }
}
