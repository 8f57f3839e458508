/** The host's side for the tests: PanelApi over an explanation, with every call remembered. */
import type { DecodingSettings } from '../../src/protocol/decodingSettings';
import type { Content } from '../../src/attention/content';
import type { AttentionStore } from '../../src/attention/attentionStore';
import {
  isProbed,
  type Atlas,
  type MapMatrix,
  type MeasureName,
  type ProbedMeasure,
  type RoleTable,
  type TokenWeights,
} from '../../src/attention/types';
import { atlasOf, heldOf, mapOf, tokenWeightsOf, type HeldWeights } from '../../src/engine/weights/maps';
import { rolesOfText } from '../../src/engine/weights/headRoles';
import { inSlices } from '../../src/engine/macrotask';
import { alignText } from '../../src/engine/weights/textAlignment';
import type {
  HeadCosts,
  HeadScores,
  HeadsOffReport,
  InputWithoutReport,
  LeftOutCosts,
  AttributionReport,
  LensReport,
  MeasureReport,
  TextAlignment,
} from '../../src/protocol/engine';
import type {
  ExplanationSnapshot,
  PanelApi,
  PanelEvents,
  PanelRequests,
  PanelState,
  PinnedExplanation,
  TokenFocus,
  ViewState,
} from '../../src/protocol/panel';
import type { LessonAnswer } from '../../src/protocol/answers/lessonAnswers';
import type { Server } from '../../src/protocol/rpc';
import { newsOf } from '../../src/protocol/snapshotChange';
import { emptySnapshot } from '../../src/session/state/state';

/** Makes measures of a test's text; a test without one has the weights alone. */
export interface Maker {
  readonly make: (
    measure: ProbedMeasure,
    told: (fraction: number) => void,
    signal?: AbortSignal,
  ) => Promise<MeasureReport>;
  readonly held: (measure: ProbedMeasure, of: Content | undefined) => HeldWeights;
}

/** Switches heads off in a test's text; a test without one cannot. */
export interface Switcher {
  readonly headsOff: (request: PanelRequests['headsOff'], signal?: AbortSignal) => Promise<HeadsOffReport>;
  readonly headCosts: (
    request: PanelRequests['headCosts'],
    told: (sofar: HeadCosts) => void,
    signal?: AbortSignal,
  ) => Promise<HeadCosts>;
  readonly leaveOut: (
    request: PanelRequests['leaveOut'],
    told: (sofar: LeftOutCosts) => void,
    signal?: AbortSignal,
  ) => Promise<LeftOutCosts>;
  readonly inputWithout: (request: PanelRequests['inputWithout'], signal?: AbortSignal) => Promise<InputWithoutReport>;
}

/** What a test may do to the generation; a test without one gets errors. */
export interface Driver {
  generation(action: 'step' | 'run' | 'stop' | 'restart'): Promise<void>;
  branch(step: number, token: number): Promise<void>;
  force(text: string): Promise<void>;
  decoding(settings: DecodingSettings | null): Promise<void>;
  openBeam(token: number): Promise<void>;
}

export const EMPTY_SNAPSHOT: ExplanationSnapshot = {
  ...emptySnapshot('one', 'sample.md:3–5'),
  revision: 1,
  status: 'done',
};

export class TestHost implements PanelApi {
  readonly calls: { readonly method: string; readonly request: unknown }[] = [];
  snapshot: ExplanationSnapshot | null;
  view: ViewState = {
    version: 1,
    kind: 'encoder',
    layer: 0,
    head: 0,
    hideSpecial: { encoder: false, decoder: false, cross: true },
    scale: 'fixed',
  };
  focus: TokenFocus | null = null;
  scores: HeadScores | null = null;
  pinned: PinnedExplanation | null = null;
  costs: HeadCosts | null = null;
  leftOut: LeftOutCosts | null = null;
  /** Another explanation that is alive beside the one on show. */
  other: { readonly snapshot: ExplanationSnapshot; readonly weights: AttentionStore } | undefined;
  recipe: unknown = { document: 'file:///sample.md', start: 10, end: 90, hash: 'abc' };
  /** Real or made weights. */
  weights: AttentionStore | undefined;
  driver: Driver | undefined;
  maker: Maker | undefined;
  /** What a test's model answers to the lesson. */
  teacher: ((place: PanelRequests['lesson']) => Promise<LessonAnswer>) | undefined;
  switcher: Switcher | undefined;
  lensing: ((request: PanelRequests['lens'], signal?: AbortSignal) => Promise<LensReport>) | undefined;
  attributing:
    ((request: PanelRequests['attribution'], signal?: AbortSignal) => Promise<AttributionReport>) | undefined;
  /** What a test's model does with masks. */
  masking: ((indices: readonly number[]) => Promise<void>) | undefined;
  /** How a test's model reads its text without something. */
  intervening: ((request: PanelRequests['intervene']) => Promise<void>) | undefined;
  /** What a test's model does with the order of two texts. */
  pairing: ((order: PanelRequests['setPair']['order']) => Promise<void>) | undefined;
  /** Delays every answer, in milliseconds. */
  delay = 0;
  readonly #servers: Server<PanelEvents>[] = [];

  constructor(snapshot: ExplanationSnapshot | null, weights?: AttentionStore) {
    this.snapshot = snapshot;
    this.weights = weights;
  }

  attach(server: Server<PanelEvents>): void {
    this.#servers.push(server);
  }

  emit<K extends keyof PanelEvents>(event: K, value: PanelEvents[K]): void {
    for (const server of this.#servers) server.emit(event, value);
  }

  /** Changes the snapshot and tells the webviews, as the host does. */
  update(patch: Partial<ExplanationSnapshot>): void {
    if (!this.snapshot) throw new Error('No snapshot to change.');
    const before = this.snapshot;
    this.snapshot = { ...before, ...patch, revision: before.revision + 1 };
    this.emit('explanation', newsOf(before, this.snapshot));
  }

  /** Shows another explanation, as after another reading. */
  show(snapshot: ExplanationSnapshot): void {
    const before = this.snapshot;
    this.snapshot = { ...snapshot, revision: (before?.revision ?? 0) + 1 };
    this.emit('explanation', newsOf(before, this.snapshot));
  }

  callsOf(method: keyof PanelApi): readonly unknown[] {
    return this.calls.filter((call) => call.method === method).map((call) => call.request);
  }

  async #note(method: keyof PanelApi, request: unknown, signal?: AbortSignal): Promise<void> {
    this.calls.push({ method, request });
    if (this.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.delay));
    signal?.throwIfAborted();
  }

  /** The weights that a question is about, as the engine tells them. */
  #about({
    explanation,
    of,
    measure,
  }: {
    readonly explanation: string;
    readonly of?: Content | undefined;
    readonly measure?: MeasureName | undefined;
  }): HeldWeights {
    if (this.other?.snapshot.id === explanation) {
      const { weights: store, snapshot } = this.other;
      return heldOf({ store, source: snapshot.source, target: snapshot.target }, of);
    }
    if (measure !== undefined && isProbed(measure) && this.maker) return this.maker.held(measure, of);
    if (!this.weights) throw new Error('This test has no weights.');
    const { source = [], target = [] } = this.snapshot ?? {};
    return heldOf({ store: this.weights, source, target }, of);
  }

  #drive(): Driver {
    if (!this.driver) throw new Error('This test does not generate.');
    return this.driver;
  }

  state = async (): Promise<PanelState> => {
    await this.#note('state', {});
    // Most tests are about tokens; those about words say so.
    const view: ViewState = { axis: 'tokens', ...this.view };
    const { snapshot: explanation, focus, recipe, scores, pinned, costs, leftOut } = this;
    return { explanation, view, focus, recipe, scores, pinned, costs, leftOut };
  };
  head = async (request: PanelRequests['head'], signal?: AbortSignal): Promise<MapMatrix> => {
    await this.#note('head', request, signal);
    return mapOf(this.#about(request), request, signal);
  };
  tokenWeights = async (
    request: PanelRequests['tokenWeights'],
    signal?: AbortSignal,
  ): Promise<readonly TokenWeights[]> => {
    await this.#note('tokenWeights', request, signal);
    return tokenWeightsOf(this.#about(request), request, signal);
  };
  atlas = async (request: PanelRequests['atlas'], signal?: AbortSignal): Promise<Atlas> => {
    await this.#note('atlas', request, signal);
    return atlasOf(this.#about(request), request, signal);
  };
  measure = async (request: PanelRequests['measure'], signal?: AbortSignal): Promise<MeasureReport> => {
    await this.#note('measure', request, signal);
    if (!this.maker) throw new Error('This test makes no measures.');
    const { explanation, measure } = request;
    return this.maker.make(measure, (fraction) => this.emit('measuring', { explanation, measure, fraction }), signal);
  };
  roles = async (request: PanelRequests['roles'], signal?: AbortSignal): Promise<RoleTable> => {
    await this.#note('roles', request, signal);
    return inSlices(rolesOfText(this.#about(request), request.kind, this.snapshot?.model?.family ?? 'encoder-only'));
  };
  lesson = async (request: PanelRequests['lesson'], signal?: AbortSignal): Promise<LessonAnswer> => {
    await this.#note('lesson', request, signal);
    if (!this.teacher) throw new Error('This test gives no lesson.');
    return this.teacher(request);
  };
  alignment = async (request: PanelRequests['alignment'], signal?: AbortSignal): Promise<TextAlignment> => {
    await this.#note('alignment', request, signal);
    return inSlices(alignText(this.#about(request), request));
  };
  headsOff = async (request: PanelRequests['headsOff'], signal?: AbortSignal): Promise<HeadsOffReport> => {
    await this.#note('headsOff', request, signal);
    if (!this.switcher) throw new Error('This test switches no heads.');
    return this.switcher.headsOff(request, signal);
  };
  headCosts = async (request: PanelRequests['headCosts'], signal?: AbortSignal): Promise<HeadCosts> => {
    await this.#note('headCosts', request, signal);
    if (!this.switcher) throw new Error('This test switches no heads.');
    const { explanation } = request;
    const told = (sofar: HeadCosts): void => {
      this.costs = sofar;
      this.emit('costs', { explanation, sofar });
    };
    return (this.costs = await this.switcher.headCosts(request, told, signal));
  };
  leaveOut = async (request: PanelRequests['leaveOut'], signal?: AbortSignal): Promise<LeftOutCosts> => {
    await this.#note('leaveOut', request, signal);
    if (!this.switcher) throw new Error('This test leaves nothing out.');
    const { explanation } = request;
    const told = (sofar: LeftOutCosts): void => {
      this.leftOut = sofar;
      this.emit('leftOut', { explanation, sofar });
    };
    return (this.leftOut = await this.switcher.leaveOut(request, told, signal));
  };
  forgetLeftOut = async (request: PanelRequests['forgetLeftOut']): Promise<void> => {
    await this.#note('forgetLeftOut', request);
    this.leftOut = null;
    const { costs, leftOut } = this;
    this.emit('measured', { costs, leftOut });
  };
  inputWithout = async (request: PanelRequests['inputWithout'], signal?: AbortSignal): Promise<InputWithoutReport> => {
    await this.#note('inputWithout', request, signal);
    if (!this.switcher) throw new Error('This test leaves nothing out.');
    return this.switcher.inputWithout(request, signal);
  };
  attribution = async (request: PanelRequests['attribution'], signal?: AbortSignal): Promise<AttributionReport> => {
    await this.#note('attribution', request, signal);
    if (!this.attributing) throw new Error('This test attributes nothing.');
    return this.attributing(request, signal);
  };

  lens = async (request: PanelRequests['lens'], signal?: AbortSignal): Promise<LensReport> => {
    await this.#note('lens', request, signal);
    if (!this.lensing) throw new Error('This test has no lens.');
    return this.lensing(request, signal);
  };
  setView = async (request: PanelRequests['setView']): Promise<void> => {
    await this.#note('setView', request);
    this.view = request.view;
    // The real host tells every page, the one that it comes from too.
    this.emit('view', request.view);
  };
  setFocus = async (request: PanelRequests['setFocus']): Promise<void> => {
    await this.#note('setFocus', request);
    this.focus = request.focus;
    this.emit('focus', request);
  };
  generation = async (request: PanelRequests['generation']): Promise<void> => {
    await this.#note('generation', request);
    await this.#drive().generation(request.action);
  };
  branch = async (request: PanelRequests['branch']): Promise<void> => {
    await this.#note('branch', request);
    await this.#drive().branch(request.step, request.token);
  };
  force = async (request: PanelRequests['force']): Promise<void> => {
    await this.#note('force', request);
    await this.#drive().force(request.text);
  };
  mask = async (request: PanelRequests['mask']): Promise<void> => {
    await this.#note('mask', request);
    await this.masking?.(request.indices);
  };
  setChat = (request: PanelRequests['setChat']): Promise<void> => this.#note('setChat', request);
  setDecoding = async (request: PanelRequests['setDecoding']): Promise<void> => {
    await this.#note('setDecoding', request);
    await this.#drive().decoding(request.decoding);
  };
  openBeam = async (request: PanelRequests['openBeam']): Promise<void> => {
    await this.#note('openBeam', request);
    await this.#drive().openBeam(request.token);
  };
  setSpecialsAsText = (request: PanelRequests['setSpecialsAsText']): Promise<void> =>
    this.#note('setSpecialsAsText', request);
  setPair = async (request: PanelRequests['setPair']): Promise<void> => {
    await this.#note('setPair', request);
    await this.pairing?.(request.order);
  };
  chooseWindow = (request: PanelRequests['chooseWindow']): Promise<void> => this.#note('chooseWindow', request);
  pin = async (request: PanelRequests['pin']): Promise<void> => {
    await this.#note('pin', request);
    this.pinned = { id: request.explanation, map: request.map, snapshot: null };
    this.emit('pinned', this.pinned);
  };
  intervene = async (request: PanelRequests['intervene']): Promise<void> => {
    await this.#note('intervene', request);
    await this.intervening?.(request);
  };
  unpin = async (request: PanelRequests['unpin']): Promise<void> => {
    await this.#note('unpin', request);
    this.pinned = null;
    this.emit('pinned', null);
  };
  cancel = (request: PanelRequests['cancel']): Promise<void> => this.#note('cancel', request);
  retry = (request: PanelRequests['retry']): Promise<void> => this.#note('retry', request);
  reveal = (request: PanelRequests['reveal']): Promise<void> => this.#note('reveal', request);
  copy = (request: PanelRequests['copy']): Promise<void> => this.#note('copy', request);
  command = (request: PanelRequests['command']): Promise<void> => this.#note('command', request);
}
