/**
 * Where a token's logit comes from, or the difference of two tokens' logits: direct logit attribution (Elhage et al. 2021; Ferrando et
 * al. 2023, arXiv 2305.12535). The graph reads what a weight of one on each key would add, in one further pass over the text; the weights
 * are those that are held.
 */
import { contentOf } from '../../attention/content';
import { outputSequence } from '../../attention/sequences';
import type { AttentionKind, AttributedKind } from '../../attention/types';
import { ExplainError } from '../../errors';
import { partsTotal, throughKeys } from '../../measure/attribution/attributedKeys';
import { ATTRIBUTION, ATTRIBUTION_PARTS } from '../../onnx/probe/attribution/attributionParts';
import type { AttributionReport, AttributionRequest, ProbedTensor } from '../../protocol/engine';
import { say } from '../../text/say';
import { MOST_SHARING } from '../../tokenizer/index';
import { readFloats } from '../../transformer/tensors';
import { nextTask } from '../macrotask';
import type { LoadedModel } from '../model/loadedModel';
import {
  extraInputs,
  graphsInOrder,
  readsSource,
  requiredTensor,
  wholeStates,
  type ContrastedTokens,
} from '../probes/probedText';
import type { ProbedGraph } from '../probes/probeSessions';
import { withoutOff } from '../ablation/gates';
import type { ComputedExplanation } from '../text/computedExplanation';
import { sequencesIn, type TextSequences } from '../text/sequenceIds';
import type { HeldWeights } from '../weights/maps';

/** The set of sessions that an attribution asks for. */
export const ATTRIBUTED = { probes: [ATTRIBUTION] } as const;

type Wanted = Pick<AttributionRequest, 'index' | 'token' | 'other'>;
type PartName = keyof typeof ATTRIBUTION_PARTS;

/** What a pass gave: the parts of each attention and block. */
interface AttributionPass {
  readonly parts: readonly Pick<ProbedTensor, 'measure' | 'kind' | 'layer' | 'data'>[];
  /** How much of all parts may be rounding: by how much the graph's results may differ. */
  readonly tolerance: number;
}

/**
 * @param held the weights of the tokens that the question is about
 * @throws ExplainError INVALID_REQUEST where there is no such place or token; MODEL_UNSUPPORTED where the model's form does not allow it,
 *   or what was found is not all of the logit; AbortError
 */
export async function textAttribution(
  { model, outputText, off }: ComputedExplanation,
  graphs: readonly ProbedGraph[],
  held: HeldWeights,
  { index, token, other }: Wanted,
  signal: AbortSignal | undefined,
): Promise<AttributionReport> {
  const started = performance.now();
  const { tokenizer, report } = model;
  // What a task's head gives is no logit of a token.
  if (model.head) throw refused(say('engine.gap.noTokens'));
  const sequence = outputSequence(report.family);
  const row = sequence === 'target' ? index - 1 : index;
  refuseTokens(model, token, other);
  const rows = held.store
    .tokenWeights(sequence, [row])
    .filter(({ role, kind }) => role === 'query' && held.store.info(kind).queries === sequence);
  const least = sequence === 'target' && outputText.family === 'encoder-decoder' ? outputText.given : 0;
  if (row < 0 || index < least || rows.length === 0)
    throw new ExplainError('INVALID_REQUEST', say('engine.attributionNoPlace'));
  // Of these tokens, whatever was written since.
  const sequences = sequencesIn(held);
  const { parts, tolerance } = await attributionPass(model, graphs, sequences, { place: row, token, other });
  await nextTask();
  signal?.throwIfAborted();

  const kinds = rows.map(({ kind, layers, heads, length, data }): AttributedKind => {
    const factors = Array.from({ length: layers }, (_, layer) => partOf(parts, 'keys', layer, kind));
    const stride = (factors[0]?.length ?? 0) / heads;
    if (!Number.isInteger(stride) || stride < length || factors.some((one) => one.length !== stride * heads))
      throw refused(say('engine.gap.otherShapes'));
    // A head that is off in this run adds nothing, whatever its values are.
    const own = factors.map((data, layer) => withoutOff(data, stride, { kind, layer }, off));
    return { kind, layers, heads, keys: length, values: throughKeys(data, own, { heads, keys: length, stride }) };
  });
  const one = (part: PartName): number => partOf(parts, part, -1)[0] ?? NaN;
  const all = (part: PartName): number[] =>
    parts
      .filter(({ measure, layer }) => measure === ATTRIBUTION_PARTS[part] && layer >= 0)
      .sort((a, b) => a.layer - b.layer)
      .map(({ data }) => data[0] ?? NaN);
  const logit = one('logit');
  const known = {
    embeddings: one('start'),
    feedForward: Float32Array.from(all('feedForward')),
    constants: all('constants').reduce((sum, part) => sum + part, one('end')),
  };
  const { sum, size } = partsTotal(kinds, known);
  const rounding = logit - sum;
  if (!(Math.abs(rounding) <= tolerance * Math.max(1, size)))
    throw refused(say('engine.gap.partsDoNotSum', { sum: sum.toFixed(2), logit: logit.toFixed(2) }));
  const before = sequences[sequence].slice(Math.max(0, row + 1 - MOST_SHARING), row + 1);
  const named = (id: number): AttributionReport['token'] => ({ id, ...tokenizer.after(before, id) });
  return {
    of: contentOf(held.source, held.target),
    sequence,
    index,
    row,
    token: named(token),
    other: other === null ? null : named(other),
    logit,
    kinds,
    rest: { ...known, rounding },
    milliseconds: performance.now() - started,
  };
}

const refused = (reason: string): ExplainError =>
  new ExplainError('MODEL_UNSUPPORTED', say('engine.attributionNot', { reason }));

/** @throws ExplainError INVALID_REQUEST */
function refuseTokens({ report }: LoadedModel, token: number, other: number | null): void {
  for (const id of [token, other ?? token])
    if (!Number.isInteger(id) || id < 0 || id >= report.vocabularySize)
      throw new ExplainError('INVALID_REQUEST', say('engine.attributionNoToken', { id }));
  if (token === other) throw new ExplainError('INVALID_REQUEST', say('engine.attributionSameToken'));
}

/** @throws ExplainError MODEL_UNSUPPORTED where the pass did not give it */
function partOf(parts: AttributionPass['parts'], part: PartName, layer: number, kind?: AttentionKind): Float32Array {
  const found = parts.find(
    (one) =>
      one.measure === ATTRIBUTION_PARTS[part] && one.layer === layer && (kind === undefined || one.kind === kind),
  );
  if (!found) throw refused(say('engine.gap.noParts'));
  return found.data;
}

/** One pass over the text as it stands, without a cache. @throws ExplainError MODEL_UNSUPPORTED with the reason why there are no parts */
async function attributionPass(
  model: LoadedModel,
  graphs: readonly ProbedGraph[],
  { source, target, types }: TextSequences,
  contrasted: ContrastedTokens,
): Promise<AttributionPass> {
  const { family } = model.report;
  // A decoder-only file without a cache looks like an encoder's.
  const kindOf = (kind: AttentionKind): AttentionKind => (family === 'decoder-only' ? 'decoder' : kind);
  const writer = graphsInOrder(graphs).at(-1);
  const [gap] = writer?.probed.gaps ?? [];
  if (!writer || writer.probed.outputs.length === 0) throw refused(gap?.reason ?? say('engine.gap.noParts'));
  let encoder = await wholeStates(model, graphs, source);
  try {
    for (const graph of graphsInOrder(graphs)) {
      const reads = readsSource(graph, model);
      const ids = reads ? source : target;
      const only = graph === writer ? graph.probed.outputs : [];
      const outputs = await graph.run(
        { ids, cache: undefined, encoder, logits: 0, ...(reads && types && { types }) },
        extraInputs(graph, model, { contrasted }, [ids.length - 1]),
        only,
      );
      if (graph !== writer) {
        encoder = { states: requiredTensor(outputs, graph.main), length: ids.length };
        continue;
      }
      requiredTensor(outputs, graph.main).dispose();
      const parts = [];
      for (const { name, measure, kind, layer } of only)
        parts.push({ measure, kind: kindOf(kind), layer, data: await readFloats(requiredTensor(outputs, name)) });
      return { parts, tolerance: graph.tolerance };
    }
  } finally {
    encoder?.states.dispose();
  }
  throw refused(say('engine.gap.noParts'));
}
