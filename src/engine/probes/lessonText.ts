/** One station of the lesson over an explained text: a run that brings out only what the station is made of, and the step cut from it. */
import type { AttentionKind } from '../../attention/types';
import { ATTENTION_STAGES, BLOCK_STAGES, FILE_STAGES } from '../../onnx/anatomy/stages';
import { stepOf } from '../../lesson/lessonSteps';
import type { StageTensorData } from '../../lesson/stageCuts';
import { stackOf, wantsOf, type LessonModel } from '../../lesson/wants';
import type { LessonAnswer } from '../../protocol/lesson';
import type { LessonPlace } from '../../protocol/lessonPlace';
import { ExplainError } from '../../errors';
import { say } from '../../text/say';
import type { EncoderStates } from '../../transformer/decoder';
import { readFloats } from '../../transformer/tensors';
import type { LoadedModel } from '../model/loadedModel';
import type { ProbedGraph, ProbeSet } from './probeSessions';
import { graphsInOrder, readsSource, requiredTensor, type ProbedSequences } from './probedText';

/** The stages that the lesson's sessions give: one set for all stations, so that they are made once. Logits are the graph's own result. */
const STAGES = [...ATTENTION_STAGES, ...BLOCK_STAGES, ...FILE_STAGES].filter(
  (name) => name !== 'logits' && name !== 'unembedding',
);
/** Most bytes of weights in a model whose matrices the lesson's run may give out: while it runs they take as much memory once more. */
const MOST_WEIGHTS = 700e6;

export const lessonSet = ({ bytes }: Pick<LoadedModel, 'bytes'>): ProbeSet => ({
  probes: bytes > MOST_WEIGHTS ? STAGES : [...STAGES, 'lessonParts'],
  gates: false,
});

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

export async function lessonText(
  model: LoadedModel,
  graphs: readonly ProbedGraph[],
  { source, target }: ProbedSequences,
  place: LessonPlace,
): Promise<LessonAnswer> {
  const started = performance.now();
  const { family } = model.report;
  const known = lessonModel(model, place);
  const wants = wantsOf(place, known);
  const length = place.kind === 'encoder' ? source.length : target.length;
  if (place.token >= length) throw new ExplainError('INVALID_REQUEST', say('lesson.reason.noSuchPlace'));
  const kindOf = (kind: AttentionKind): AttentionKind => (family === 'decoder-only' ? 'decoder' : kind);
  const found = new Map<string, StageTensorData>();
  const gaps: LessonAnswer['gaps'][number][] = [];
  const isWanted = ({ measure, kind, layer }: { measure: string; kind: AttentionKind; layer: number }): boolean =>
    wants.some((want) => want.measure === measure && want.kind === kindOf(kind) && want.layer === layer);
  let encoder: EncoderStates | undefined;
  for (const graph of graphsInOrder(graphs)) {
    const reads = readsSource(graph, model);
    const ids = reads ? source : target;
    const only = graph.probed.outputs.filter(isWanted);
    const outputs = await graph.run({ ids, cache: undefined, encoder, logits: 0 }, {}, only);
    gaps.push(
      ...graph.probed.gaps
        .filter(isWanted)
        .map(({ measure, kind, reason }) => ({ measure, kind: kindOf(kind), reason })),
    );
    for (const { name, measure, layout } of only) {
      const tensor = requiredTensor(outputs, name);
      const { dims } = tensor;
      const data = await readFloats(tensor);
      // What only the other branch has comes as NaN.
      const isNothing = data.length === 0 || (dims.length === 0 && Number.isNaN(data[0]));
      if (!isNothing) found.set(measure, { layout, dims, data });
    }
    const main = requiredTensor(outputs, graph.main);
    if (reads && family === 'encoder-decoder') {
      encoder = { states: main, length: ids.length };
      if (place.kind === 'encoder') break;
    } else if (place.stage === 'logits' && main.dims.length === 3) {
      const { dims } = main;
      found.set('logits', { layout: 'tokens', dims, data: await readFloats(main) });
    } else main.dispose();
  }
  encoder?.states.dispose();
  const step = stepOf(place, known, (measure) => found.get(measure));
  const logits = step.tensors.find(({ name }) => name === 'logits')?.data ?? new Float32Array();
  const top = largest(logits, MOST_LISTED).map((id) => ({ id, text: model.tokenizer.token(id).text }));
  const missing = gaps.filter(({ measure }) => !found.has(measure));
  return { ...step, top, gaps: missing, milliseconds: performance.now() - started };
}
