/** What can be asked of the engine about one explanation: answered at once, or once its model's files were read for it. */
import { ExplainError } from '../errors';
import type {
  AttributionReport,
  AttributionRequest,
  EngineApi,
  HeadCosts,
  HeadCostsRequest,
  HeadsOffReport,
  HeadsOffRequest,
  InputWithoutReport,
  InputWithoutRequest,
  LeaveOutRequest,
  LeftOutCosts,
  LessonRequest,
  LensReport,
  LensRequest,
  MeasureReport,
  MeasureRequest,
  ModelFiles,
} from '../protocol/engine';
import type { LessonAnswer } from '../protocol/answers/lessonAnswers';
import { say } from '../text/say';
import type { CostsDesk, CostsOwner } from './costs/costsDesk';
import type { Explanation } from './state/state';
import type { ContentTokens, mapsDesk, tokensDesk } from './answersDesk';

/** What can be asked about an explanation's weights; whoever asks for the same token's gets one answer of the engine's. */
export type Weights = Pick<EngineApi, 'head' | 'tokenWeights' | 'atlas' | 'roles' | 'alignment'> & {
  /** Makes a measure of the text as it stands; its model's files are read where they are needed. */
  measure(request: Omit<MeasureRequest, 'files'>, signal?: AbortSignal): Promise<MeasureReport>;
  headsOff(request: Omit<HeadsOffRequest, 'files'>, signal?: AbortSignal): Promise<HeadsOffReport>;
  headCosts(request: Omit<HeadCostsRequest, 'files'>, signal?: AbortSignal): Promise<HeadCosts>;
  lesson(request: Omit<LessonRequest, 'files'>, signal?: AbortSignal): Promise<LessonAnswer>;
  leaveOut(request: Omit<LeaveOutRequest, 'files'>, signal?: AbortSignal): Promise<LeftOutCosts>;
  inputWithout(request: Omit<InputWithoutRequest, 'files'>, signal?: AbortSignal): Promise<InputWithoutReport>;
  lens(request: Omit<LensRequest, 'files'>, signal?: AbortSignal): Promise<LensReport>;
  attribution(request: Omit<AttributionRequest, 'files'>, signal?: AbortSignal): Promise<AttributionReport>;
};

/** An explanation that can be asked about, and those who keep answers. */
export interface AskedText {
  readonly api: EngineApi;
  /** Undefined once it is gone. */
  readonly known: () => Explanation | undefined;
  readonly tokens: ReturnType<typeof tokensDesk>;
  readonly maps: ReturnType<typeof mapsDesk>;
  readonly costs: CostsDesk;
  /** Whose costs are measured; undefined where no place shows it any more. */
  readonly text: () => CostsOwner | undefined;
  /** Its model's files; undefined once it is gone. */
  readonly files: (signal: AbortSignal | undefined) => Promise<ModelFiles | undefined>;
}

export function weightsOf({ api, known, tokens, maps, costs, text, files }: AskedText): Weights {
  const gone = (): ExplainError => new ExplainError('EXPLANATION_GONE', say('session.gone'));
  /** Asks for what sessions beside the plain ones may have to be made for: the model's files are read only then. */
  async function withFiles<Request extends { readonly explanation: string }, Answer>(
    request: Request,
    ask: (request: Request & { readonly files?: ModelFiles }) => Promise<Answer | null>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const answered = await ask(request);
    if (answered) return answered;
    const own = await files(signal);
    const answer = own && (await ask({ ...request, files: own }));
    if (!answer) throw gone();
    return answer;
  }
  const shown = (): CostsOwner => {
    const found = text();
    if (!found) throw gone();
    return found;
  };
  const tokensNow = (): ContentTokens => {
    const explanation = known();
    if (!explanation) throw gone();
    return explanation.snapshot;
  };
  return {
    head: async (request, signal) => maps.ask(api, request, tokensNow(), signal),
    atlas: (request, signal) => api.atlas(request, signal),
    roles: (request, signal) => api.roles(request, signal),
    alignment: (request, signal) => api.alignment(request, signal),
    tokenWeights: async (request, signal) => tokens.ask(api, request, tokensNow(), signal),
    measure: (request, signal) => withFiles(request, (whole) => api.measure(whole, signal), signal),
    lesson: (request, signal) => withFiles(request, (whole) => api.lesson(whole, signal), signal),
    headsOff: (request, signal) => withFiles(request, (whole) => api.headsOff(whole, signal), signal),
    headCosts: async (request, signal) =>
      costs.measure(shown(), 'heads', () => withFiles(request, (whole) => api.headCosts(whole, signal), signal)),
    leaveOut: async (request, signal) =>
      costs.measure(shown(), 'pieces', () => withFiles(request, (whole) => api.leaveOut(whole, signal), signal)),
    inputWithout: (request, signal) => withFiles(request, (whole) => api.inputWithout(whole, signal), signal),
    lens: (request, signal) => withFiles(request, (whole) => api.lens(whole, signal), signal),
    attribution: (request, signal) => withFiles(request, (whole) => api.attribution(whole, signal), signal),
  };
}
