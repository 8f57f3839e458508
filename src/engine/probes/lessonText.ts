/** One station of the lesson over an explained text: a run that brings out only what the station is made of, and the step cut from it. */
import type { AttentionKind, SequenceName } from '../../attention/types';
import { ExplainError } from '../../errors';
import { absentStages } from '../../lesson/absentStages';
import { stepOf } from '../../lesson/lessonSteps';
import { shuffled, withToken } from '../../lesson/play';
import { tokensOfStage, type StageTensorData } from '../../lesson/stageCuts';
import { followed, stationsOf } from '../../lesson/stations';
import { stackOf, wantsOf, type LessonModel, type WantedTensor } from '../../lesson/wants';
import { ATTENTION_STAGES, BLOCK_STAGES, FILE_STAGES } from '../../onnx/anatomy/stages';
import { MASK_OFF, POSITION_ORDER } from '../../onnx/edit/playControls';
import type { LessonAnswer } from '../../protocol/answers/lessonAnswers';
import type { LessonPlace, LessonPlay } from '../../protocol/lessonPlace';
import { say } from '../../text/say';
import type { EncoderStates } from '../../transformer/decoder';
import { probabilityOf } from '../../transformer/probabilities';
import { readFloats } from '../../transformer/tensors';
import { gatesWithout } from '../ablation/gates';
import type { LoadedModel } from '../model/loadedModel';
import type { TextSequences } from '../text/sequenceIds';
import { nextTask } from '../macrotask';
import { extraInputs, graphsInOrder, ONE_ROW, readsSource, requiredTensor } from './probedText';
import type { ExtraInput, ProbedGraph, ProbeSet } from './probeSessions';

/** The stages that the lesson's sessions give: one set for all stations, so that they are made once. Logits are the graph's own result. */
const STAGES = [...ATTENTION_STAGES, ...BLOCK_STAGES, ...FILE_STAGES].filter(
  (name) => name !== 'logits' && name !== 'unembedding',
);
/** Most bytes of weights in a model whose matrices the lesson's run may give out: while it runs they take as much memory once more. */
const MOST_WEIGHTS = 700e6;

/** @param play what is changed, which needs sessions with gates and controls in them; another token needs none */
export function lessonSet({ bytes }: Pick<LoadedModel, 'bytes'>, play?: LessonPlay): ProbeSet {
  const isMoved = play !== undefined && play.change !== 'token';
  return {
    probes: [...STAGES, 'lessonTables', ...(bytes > MOST_WEIGHTS ? [] : ['lessonParts'])],
    gates: isMoved,
    play: isMoved,
  };
}

/** Rows of the table of embeddings that one run compares a token with. */
const ROWS_A_RUN = 16_384;

/** Tokens that are named beside their logits. */
const MOST_LISTED = 10;

/** Places of the largest numbers, the largest first. */
function largest(values: Float32Array, count: number): readonly number[] {
  const best: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (best.length === count && (values[i] ?? 0) <= (values[best.at(-1) ?? 0] ?? 0)) continue;
    const at = best.findIndex((other) => (values[other] ?? 0) < (values[i] ?? 0));
    best.splice(at < 0 ? best.length : at, 0, i);
    best.length = Math.min(best.length, count);
  }
  return best;
}

/** What the model has of this kind. @throws ExplainError INVALID_REQUEST where it has none, or not so many layers or heads */
function lessonModel({ report }: LoadedModel, { kind, layer, head }: LessonPlace): LessonModel {
  const info = report.kinds.find((one) => one.kind === kind);
  if (!info || layer >= info.layers || head >= info.heads)
    throw new ExplainError('INVALID_REQUEST', say('lesson.reason.noSuchPlace'));
  const stack = report.kinds.find((one) => one.kind === stackOf(kind)) ?? info;
  return {
    hasCross: report.kinds.some((one) => one.kind === 'cross'),
    layers: stack.layers,
    heads: info.heads,
  };
}

/** What a run gave of a station. */
interface StationRun {
  readonly found: ReadonlyMap<string, StageTensorData>;
  readonly gaps: LessonAnswer['gaps'];
}

/** @throws ExplainError INVALID_REQUEST where the model has no such place, or what is to be changed cannot be; RUN_FAILED; AbortError */
export async function lessonText(
  model: LoadedModel,
  graphs: readonly ProbedGraph[],
  texts: TextSequences,
  place: LessonPlace,
  play?: LessonPlay,
  signal?: AbortSignal,
): Promise<LessonAnswer> {
  const started = performance.now();
  const known = lessonModel(model, place);
  if (place.token >= texts[followed(place.kind)].length)
    throw new ExplainError('INVALID_REQUEST', say('lesson.reason.noSuchPlace'));
  const swapped = play?.change === 'token' ? swappedToken(model, texts, play) : null;
  const read = swapped ? withToken(texts, swapped.sequence, swapped.index, swapped.id) : texts;
  if (play) refuseUnmoved(model, graphs, place, play);
  const wants = wantsOf(place, known);
  const run = await stationRun(model, graphs, read, place, wants, play, signal);
  const step = stepOf(place, known, (measure) => run.found.get(measure));
  // The nearest tokens are those of the run on show: the other one does not go through the table for them.
  const others = wants.filter(({ measure }) => measure !== 'similar');
  const untouched = play && (await stationRun(model, graphs, texts, place, others, undefined, signal));
  const before = untouched ? stepOf(place, known, (measure) => untouched.found.get(measure)).tensors : [];
  const logits = step.tensors.find(({ name }) => name === 'logits')?.data ?? new Float32Array();
  const textOf = (id: number): string => model.tokenizer.token(id).text;
  const cosines = run.found.get('similar')?.data ?? new Float32Array();
  const own = read[followed(place.kind)][place.token];
  const near = largest(cosines, MOST_LISTED + 1).filter((id) => id !== own);
  return {
    ...step,
    before,
    swapped: swapped && { sequence: swapped.sequence, index: swapped.index, text: textOf(swapped.id) },
    top: largest(logits, MOST_LISTED).map((id) => ({ id, text: textOf(id) })),
    near: near.slice(0, MOST_LISTED).map((id) => ({ id, text: textOf(id), cosine: cosines[id] ?? 0 })),
    gaps: run.gaps.filter(({ measure }) => !run.found.has(measure)),
    absent: absentOf(model, graphs),
    milliseconds: performance.now() - started,
  };
}

/** A decoder-only file without a cache looks like an encoder's. */
const kindIn = ({ report }: LoadedModel, kind: AttentionKind): AttentionKind =>
  report.family === 'decoder-only' ? 'decoder' : kind;

function absentOf(model: LoadedModel, graphs: readonly ProbedGraph[]): LessonAnswer['absent'] {
  const { family, kinds } = model.report;
  const named = <One extends { readonly kind: AttentionKind }>(one: One): One => ({
    ...one,
    kind: kindIn(model, one.kind),
  });
  return absentStages(
    stationsOf(family, kinds),
    graphs.flatMap(({ probed }) => probed.outputs.map(named)),
    graphs.flatMap(({ probed }) => probed.gaps.map(named)),
  );
}

/** The one token that a word is. @throws ExplainError INVALID_REQUEST where it is several, or stands nowhere */
function swappedToken(
  { tokenizer }: LoadedModel,
  texts: TextSequences,
  { sequence, index, text }: Extract<LessonPlay, { readonly change: 'token' }>,
): { readonly sequence: SequenceName; readonly index: number; readonly id: number } {
  if (index >= texts[sequence].length) throw new ExplainError('INVALID_REQUEST', say('lesson.reason.noSuchPlace'));
  // Some tokenizers know a word by the space before it.
  const tried = [` ${text}`, text].map((word) => tokenizer.encodeBody(word).ids);
  const [id] = tried.find(({ length }) => length === 1) ?? [];
  if (id === undefined) throw new ExplainError('INVALID_REQUEST', say('lesson.reason.severalTokens'));
  return { sequence, index, id };
}

/** @throws ExplainError INVALID_REQUEST where the graph does not let it be changed */
function refuseUnmoved(
  model: LoadedModel,
  graphs: readonly ProbedGraph[],
  { kind }: LessonPlace,
  play: LessonPlay,
): void {
  if (play.change === 'token') return;
  const wanted = { head: 'gate', mask: 'maskOff', positions: 'order' }[play.change];
  const gaps = graphs.flatMap(({ probed }) => probed.gaps.filter(({ measure }) => measure === wanted));
  const whose = play.change === 'head' ? play.kind : kind;
  const reason = gaps.find((gap) => {
    const isOf = play.change === 'positions' ? stackOf(whose) : whose;
    return kindIn(model, gap.kind) === isOf && (play.change !== 'head' || gap.layer === play.layer);
  })?.reason;
  if (reason !== undefined) throw new ExplainError('INVALID_REQUEST', say('lesson.reason.cannotChange', { reason }));
}

/** What a changed run is fed beside the text. */
function changedInputs(
  model: LoadedModel,
  graph: ProbedGraph,
  length: number,
  row: number,
  compared: readonly [from: number, to: number],
  play: LessonPlay | undefined,
): Readonly<Record<string, ExtraInput>> {
  const gates = play?.change === 'head' ? gatesWithout(model.report.kinds, [play]) : {};
  const extra: Record<string, ExtraInput> = { ...extraInputs(graph, model, { probes: [], gates, compared }, [row]) };
  if (play?.change === 'mask') extra[MASK_OFF.name] = { data: Float32Array.of(1), dims: [1] };
  if (play?.change === 'positions')
    extra[POSITION_ORDER.name] = { data: BigInt64Array.from(shuffled(length), BigInt), dims: [length] };
  return extra;
}

async function stationRun(
  model: LoadedModel,
  graphs: readonly ProbedGraph[],
  { source, target, types }: TextSequences,
  place: LessonPlace,
  wants: readonly WantedTensor[],
  play: LessonPlay | undefined,
  signal: AbortSignal | undefined,
): Promise<StationRun> {
  const { family } = model.report;
  const found = new Map<string, StageTensorData>();
  const gaps: LessonAnswer['gaps'][number][] = [];
  const isWanted = ({ measure, kind, layer }: { measure: string; kind: AttentionKind; layer: number }): boolean =>
    wants.some((want) => want.measure === measure && want.kind === kindIn(model, kind) && want.layer === layer);
  let encoder: EncoderStates | undefined;
  for (const graph of graphsInOrder(graphs)) {
    const reads = readsSource(graph, model);
    const ids = reads ? source : target;
    const only = graph.probed.outputs.filter(isWanted);
    const row = reads === (place.kind === 'encoder') ? place.token : 0;
    const near = only.find(({ measure }) => measure === 'similar');
    const extra = changedInputs(model, graph, ids.length, row, near ? [0, ROWS_A_RUN] : ONE_ROW, play);
    const outputs = await graph.run(
      { ids, cache: undefined, encoder, logits: 0, ...(reads && types && { types }) },
      extra,
      only,
    );
    gaps.push(
      ...graph.probed.gaps
        .filter(isWanted)
        .map(({ measure, kind, reason }) => ({ measure, kind: kindIn(model, kind), reason })),
    );
    for (const { name, measure, layout } of only) {
      const tensor = requiredTensor(outputs, name);
      const { dims } = tensor;
      const data = await readFloats(tensor);
      // What only the other branch has comes as NaN.
      const isNothing = data.length === 0 || (dims.length === 0 && Number.isNaN(data[0]));
      if (!isNothing) found.set(measure, { layout, dims, data });
    }
    const some = found.get('similar');
    if (near && some) {
      const cosinesOf = async (from: number, to: number): Promise<Float32Array> => {
        const extras = changedInputs(model, graph, 1, 0, [from, to], play);
        const one = await graph.run({ ids: ids.slice(row, row + 1), cache: undefined, encoder, logits: 0 }, extras, [
          near,
        ]);
        requiredTensor(one, graph.main).dispose();
        return readFloats(requiredTensor(one, near.name));
      };
      found.set('similar', await withOtherRows(some, cosinesOf, signal));
    }
    const main = requiredTensor(outputs, graph.main);
    if (reads && family === 'encoder-decoder') {
      encoder = { states: main, length: ids.length };
      if (place.kind === 'encoder') break;
    } else if ((place.stage === 'logits' || place.stage === 'forcing') && main.dims.length === 3) {
      const { dims } = main;
      found.set('logits', { layout: 'tokens', dims, data: await readFloats(main) });
    } else main.dispose();
  }
  encoder?.states.dispose();
  const logits = found.get('logits');
  if (place.stage === 'forcing' && logits) found.set('forced', forcedShares(logits, target));
  asPlayed(found, play);
  return { found, gaps };
}

/**
 * A token's cosines with the first rows of its table, and those with the others: part by part, each by a run over that token alone, so
 * that the engine answers in between.
 */
async function withOtherRows(
  first: StageTensorData,
  cosinesOf: (from: number, to: number) => Promise<Float32Array>,
  signal: AbortSignal | undefined,
): Promise<StageTensorData> {
  const parts = [first.data];
  for (let from = ROWS_A_RUN; parts.at(-1)?.length === ROWS_A_RUN; from += ROWS_A_RUN) {
    await nextTask();
    signal?.throwIfAborted();
    // With the row before them, as a table can end here, and the runtime makes another shape of no rows.
    parts.push((await cosinesOf(from - 1, from + ROWS_A_RUN)).subarray(1));
  }
  const data = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return { ...first, dims: [data.length, 1], data };
}

/** Of each token of the output the probability at its place in one pass over all of them; 0 for the first, which nothing predicts. */
function forcedShares({ layout, dims, data }: StageTensorData, ids: readonly number[]): StageTensorData {
  const [, rows = 0, size = 0] = dims;
  const shares = Float32Array.from(ids, (id, index) =>
    index === 0 || index > rows ? 0 : probabilityOf(data.subarray((index - 1) * size, index * size), id),
  );
  return { layout, dims: [1, 1, ids.length], data: shares };
}

/** What is changed stands behind the tensors that a probe brings out: they are shown as what comes after them reads them. */
function asPlayed(found: Map<string, StageTensorData>, play: LessonPlay | undefined): void {
  const [scores, masked, positions] = ['scores', 'maskedScores', 'positions'].map((name) => found.get(name));
  if (play?.change === 'mask' && scores && masked) {
    const seen = masked.data.map((value, index) => (value < -1e4 ? (scores.data[index] ?? value) : value));
    found.set('maskedScores', { ...masked, data: seen });
  }
  if (play?.change === 'positions' && positions) {
    const { rows, columns } = tokensOfStage(positions);
    const data = new Float32Array(positions.data.length);
    shuffled(rows).forEach((from, to) =>
      data.set(positions.data.subarray(from * columns, (from + 1) * columns), to * columns),
    );
    found.set('positions', { ...positions, data });
  }
}
