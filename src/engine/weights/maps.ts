/** Answers made from the weights of an explanation, in the form in which they are sent: maps, rows and overviews, by tokens or by words. */
import { KeptBlock, weightByte, type Bins } from '../../attention/rowBlock';
import { hasContent, type Content } from '../../attention/content';
import type { AttentionNumbers } from '../../attention/attentionNumbers';
import type {
  Atlas,
  AttentionKind,
  KindInfo,
  MapMatrix,
  MapRef,
  SequenceName,
  Sieve,
  Token,
  TokenWeights,
} from '../../attention/types';
import { ExplainError } from '../../errors';
import {
  groupedWeights,
  isOfHeads,
  mapInSteps,
  mapOfNumbers,
  toMatrix,
  type AttentionMap,
  type WeightSource,
} from '../../measure/map';
import { measureOf, measureWithin } from '../../measure/measure';
import { isSifting, siftMapInSteps } from '../../measure/sift';
import {
  MOST_ROLLOUT_TOKENS,
  rolloutColumnInSteps,
  rolloutMapInSteps,
  rolloutRowInSteps,
  type RolloutWeights,
} from '../../measure/rollout/storedRollout';
import { ONE_HEAD } from '../../measure/source';
import { isSink, unitsOf, unitsWith, type Unit } from '../../measure/units';
import { groupMatrix, meanOfSpans, sumKeys } from '../../measure/words/group';
import type { AtlasQuery, MapQuery, TokenQuery, WeightsQuery } from '../../protocol/engine';
import { say } from '../../text/say';
import { inSlices } from '../macrotask';

/** The weights that a question is about, and their tokens. */
export interface HeldWeights extends Readonly<Record<SequenceName, readonly Token[]>> {
  readonly store: AttentionNumbers;
}

type Query<Whole> = Omit<Whole, keyof WeightsQuery>;

/**
 * The weights of exactly the tokens that a question is about; all that there are where it does not say.
 * @throws ExplainError TEXT_CHANGED where the text no longer begins with those tokens
 */
export function heldOf({ store, source, target }: HeldWeights, of: Content | undefined): HeldWeights {
  if (of === undefined) return { store, source, target };
  if (!hasContent(of, source, target)) throw new ExplainError('TEXT_CHANGED', say('engine.textChanged'));
  const first = (tokens: readonly Token[], length: number): readonly Token[] =>
    length >= tokens.length ? tokens : tokens.slice(0, length);
  return { store: store.upTo(of), source: first(source, of.source), target: first(target, of.target) };
}

const isSinkIn = ({ store }: HeldWeights, unit: Unit, sequence: SequenceName): boolean =>
  isSink(unit, sequence, store.firstIsSink ? 'decoder-only' : undefined);

/** The words of a sequence that have a row or a column; the last one may not have been read to its end. */
const wordsUpTo = (tokens: readonly Token[], length: number): readonly Unit[] =>
  unitsOf(tokens, 'words').filter(({ from }) => from < length);

function wordWeights(held: HeldWeights, info: KindInfo, own: WeightSource): WeightSource {
  return groupedWeights(own, wordsUpTo(held[info.queries], own.queries), wordsUpTo(held[info.keys], own.keys));
}

/** The layer to show in a kind that may have fewer than the chosen one. */
const layerWithin = (layer: number, { layers }: KindInfo): number => Math.min(layer, layers - 1);

function rolloutOf({ store }: HeldWeights, kind: AttentionKind): RolloutWeights {
  const info = store.info(kind);
  return { info, own: store.kind(kind), encoder: info.queries === info.keys ? undefined : store.kind('encoder') };
}

/** @throws ExplainError INVALID_REQUEST where the model has no such head, or the text is too long for a rollout; AbortError */
export async function mapOf(held: HeldWeights, query: Query<MapQuery>, signal?: AbortSignal): Promise<MapMatrix> {
  const { kind, layer, head, source = ONE_HEAD, axis = 'tokens', sieve } = query;
  const { store } = held;
  const fit = store.fit(kind);
  const measure = measureWithin(query.measure ?? 'weight', fit);
  const ref: MapRef = { kind, layer, head, measure, source, axis };
  const info = store.info(kind);
  const own = store.kind(kind);
  if (!isOfHeads(ref)) {
    if (Math.max(own.queries, own.keys) > MOST_ROLLOUT_TOKENS)
      throw new ExplainError('INVALID_REQUEST', say('engine.longRollout', { most: MOST_ROLLOUT_TOKENS }));
    const rollout = await inSlices(rolloutMapInSteps(rolloutOf(held, kind), layerWithin(layer, info)), signal);
    const whole: WeightSource = { ...own, headRows: () => rollout };
    const shown = axis === 'words' ? wordWeights(held, info, whole) : whole;
    const numbers = mapOfNumbers(shown.headRows(0, 0), ref, shown.queries, shown.keys, fit);
    return siftedMatrix(held, info, numbers, sieve, signal);
  }
  // A head's own weights are what is asked for most: their bytes are made straight from where they lie.
  if (measure === 'weight' && source.type === 'head' && axis === 'tokens' && !sieve)
    return { ...store.head(ref), ...ref };
  const weights = axis === 'words' ? wordWeights(held, info, own) : own;
  return siftedMatrix(held, info, await inSlices(mapInSteps(weights, ref, fit), signal), sieve, signal);
}

/** A map as it travels, its rows cut and renormalised where that is asked for. */
async function siftedMatrix(
  held: HeldWeights,
  info: KindInfo,
  map: AttentionMap,
  sieve: Sieve | undefined,
  signal?: AbortSignal,
): Promise<MapMatrix> {
  if (!sieve || !isSifting(sieve)) return toMatrix(map);
  const keys = unitsOf(held[info.keys], map.axis);
  const isHidden = (key: number): boolean => {
    const unit = keys[key];
    return unit !== undefined && isSinkIn(held, unit, info.keys);
  };
  const values = map.rows();
  const limits = await inSlices(siftMapInSteps(values, map.keys, sieve, measureOf(map), isHidden), signal);
  return { ...toMatrix(map), sifted: { sieve, limits } };
}

/** Exact numbers of some tokens, or of the words that have any of them, in every head; see `TokenWeights`. */
export async function tokenWeightsOf(
  held: HeldWeights,
  { sequence, indices, axis = 'tokens', rollout }: Query<TokenQuery>,
  signal?: AbortSignal,
): Promise<readonly TokenWeights[]> {
  const { store } = held;
  const units = unitsOf(held[sequence], axis);
  const chosen = unitsWith(units, indices).flatMap((at) => units[at] ?? []);
  const tokens = chosen.map(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index));
  const list =
    axis === 'tokens'
      ? store.tokenWeights(sequence, indices)
      : together(tokens.map((ofWord) => store.tokenWeights(sequence, ofWord)));
  const out: TokenWeights[] = [];
  for (const entry of list) {
    const info = store.info(entry.kind);
    const others = entry.role === 'query' ? info.keys : info.queries;
    const row = rollout === undefined ? undefined : await rolledOut(held, entry, tokens, rollout, signal);
    const whole = row ? { ...entry, rollout: row } : entry;
    out.push(axis === 'words' ? betweenWords(whole, wordsUpTo(held[others], entry.length)) : whole);
  }
  return out;
}

/** Several words' rows as one: the mean of what they look at, the sum of what looks at them. */
function together(words: readonly (readonly TokenWeights[])[]): readonly TokenWeights[] {
  const [first = [], ...rest] = words;
  if (rest.length === 0) return first;
  const all = words.flat();
  const kinds = new Map(all.map((entry) => [`${entry.kind}/${entry.role}`, entry]));
  return [...kinds.values()].map((like) => {
    const same = all.filter(({ kind, role }) => kind === like.kind && role === like.role);
    const share = like.role === 'query' ? 1 / same.length : 1;
    const data = new Float32Array(like.data.length);
    for (const one of same)
      for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) + share * (one.data[i] as number); // of one length
    return { ...like, data };
  });
}

/** Rows over tokens as rows over words: the sum over a word's keys, the mean over its queries. */
function betweenWords(entry: TokenWeights, words: readonly Unit[]): TokenWeights {
  const { role, layers, heads, length, data, rollout } = entry;
  const join = role === 'query' ? sumKeys : meanOfSpans;
  const out = new Float32Array(layers * heads * words.length);
  for (let head = 0; head < layers * heads; head++)
    join(
      data.subarray(head * length, (head + 1) * length),
      words,
      out.subarray(head * words.length, (head + 1) * words.length),
    );
  if (!rollout) return { ...entry, length: words.length, data: out };
  const rolled = new Float32Array(words.length);
  join(rollout, words, rolled);
  return { ...entry, length: words.length, data: out, rollout: rolled };
}

/** The rollout of some units in a role, exact for any length. @param units the units, each with its tokens */
async function rolledOut(
  held: HeldWeights,
  { kind, role }: TokenWeights,
  units: readonly (readonly number[])[],
  upTo: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const weights = rolloutOf(held, kind);
  const layer = layerWithin(upTo, held.store.info(kind));
  const length = role === 'query' ? weights.own.queries : weights.own.keys;
  const read = units.map((tokens) => tokens.filter((token) => token < length)).filter((tokens) => tokens.length > 0);
  const shares = new Float32Array(length);
  for (const tokens of read)
    for (const token of tokens) shares[token] = role === 'query' ? 1 / (tokens.length * read.length) : 1;
  const steps = role === 'query' ? rolloutRowInSteps : rolloutColumnInSteps;
  return inSlices(steps(weights, layer, shares), signal);
}

/** Every head of a kind pooled to small pictures. */
export async function atlasOf(held: HeldWeights, query: Query<AtlasQuery>, signal?: AbortSignal): Promise<Atlas> {
  const { store } = held;
  return inSlices(query.axis === 'words' ? wordAtlasInSteps(held, query) : store.atlasInSteps(query), signal);
}

function* wordAtlasInSteps(
  held: HeldWeights,
  { kind, maxCell, hideSpecial }: Query<AtlasQuery>,
): Generator<undefined, Atlas, undefined> {
  const { store } = held;
  const info = store.info(kind);
  const own = store.kind(kind);
  const fit = store.fit(kind);
  const most = fit?.most ?? 1;
  const queries = wordsUpTo(held[info.queries], own.queries);
  const keys = wordsUpTo(held[info.keys], own.keys);
  // Sink mass and entropy are those of the model's own rows.
  const { sinkMass, entropy } = yield* store.atlasInSteps({ kind, maxCell: 1, hideSpecial: false });
  const hidden = (units: readonly Unit[], of: SequenceName): Uint8Array | undefined =>
    hideSpecial ? Uint8Array.from(units, (unit) => Number(isSinkIn(held, unit, of))) : undefined;
  const bins: Bins = {
    rows: Math.min(Math.max(1, maxCell), queries.length),
    cols: Math.min(Math.max(1, maxCell), keys.length),
    queries: queries.length,
    keys: keys.length,
    skipRow: hidden(queries, info.queries),
    skipKey: hidden(keys, info.keys),
  };
  const { layers, heads } = info;
  const size = bins.rows * bins.cols;
  const data = new Uint8Array(layers * heads * size);
  for (let at = 0; at < layers * heads; at++) {
    const between = groupMatrix(own.headRows(Math.floor(at / heads), at % heads), own.keys, queries, keys);
    const pooled = new Float32Array(size);
    new KeptBlock(between, 1, queries.length, keys.length, 0).poolMax(pooled, bins);
    for (let i = 0; i < size; i++) data[at * size + i] = weightByte((pooled[i] as number) / most); // i < size
    yield undefined;
  }
  return { kind, layers, heads, rows: bins.rows, cols: bins.cols, data, sinkMass, entropy, ...(fit && { fit }) };
}
