/**
 * The attention tap: how to load a model file so that every layer's attention comes out. The graph is edited by appending bytes:
 * new outputs name tensors that are there already; fused attention gets nodes beside it that compute its weights once more; in a
 * merged decoder both branches get the outputs.
 */
import { edit } from './insertions';
import { NewOutputs } from './newOutputs';
import { namings } from './processorNodes';
import type { OnnxModel } from '../graph/onnxFile';
import { label } from '../find/reconcile';
import { refuseUnknown } from '../refusal';
import { siteOf, survey, type Site } from '../find/sites';
import type { GraphRole, InputMeaning, TapPlan } from '../types';
import { tooLarge } from '../wire/reader';
import { concat } from '../wire/writer';
import { say } from '../../text/say';

/** ONNX Runtime's optimisers that would delete the tensors which side graphs of fused attention read. */
export const SIDE_GRAPH_OPTIMIZERS = ['GroupQueryAttentionFusion', 'GroupQueryAttentionPreNormFusion'];
const MAX_BYTES = 0x7fff_ffff;
/** Several times the deepest model there is. */
const MAX_LAYERS = 1024;

/**
 * Finds a graph's attention and plans the edit that brings it out.
 * @param role which file of the model this is; decides encoder or decoder where the graph alone cannot
 * @param config the model's parsed config.json, which layers and heads are held against; `undefined` skips that (inspection only)
 * @throws ExplainError ONNX_INVALID, ORT_FORMAT, TOO_LARGE, NO_ATTENTION_FOUND, COUNT_MISMATCH, KIND_UNKNOWN, LAYOUT_UNSUPPORTED,
 *   BRANCH_MISMATCH, FUSED_VARIANT_UNSUPPORTED; `detail` lists the nodes and the reasons.
 */
export function planModel(model: OnnxModel, role: GraphRole, config: unknown): TapPlan {
  const report = survey(model, role, config);
  refuseUnknown(report);
  if (report.found.length > MAX_LAYERS) throw tooLarge(say('onnx.reason.manyLayers', { count: report.found.length }));
  const labelled = label(report, model, config);
  const writer = new NewOutputs(model);
  // Only in a decoder-only model can queries be kept in place of a long text's weights, so only there are they brought out.
  const onlyWrites = labelled.every(({ kind, found }) => kind === 'decoder' && siteOf(found).layout === 'bhqk');
  const outputs = labelled.map((item) => writer.bringOut(item, onlyWrites));
  const insertions = [...namings(model), ...writer.insertions];
  const suffix = writer.suffix();
  const parts = edit(model.bytes, insertions, suffix);
  const byteLength = parts.reduce((sum, part) => sum + part.length, 0);
  if (byteLength > MAX_BYTES) throw tooLarge(say('onnx.reason.bytesWithTap', { bytes: byteLength }));
  const assemble = (): Uint8Array => concat(parts, byteLength);
  return {
    role,
    parts,
    byteLength,
    assemble,
    assembleWith: (more) =>
      concat(edit(model.bytes, [...insertions, ...more.insertions], concat([suffix, more.suffix]))),
    get bytes() {
      return assemble();
    },
    addedBytes: byteLength - model.bytes.length,
    outputs,
    rejected: report.rejected.map(({ node, operator, reason }) => ({ node, operator, reason })),
    disabledOptimizers: outputs.some(({ source }) => source === 'side-graph') ? SIDE_GRAPH_OPTIMIZERS : [],
    windows: new Map(labelled.flatMap(({ found }) => windowsOf(siteOf(found)))),
    externalData: [...model.graph.external],
  };
}

function windowsOf({ tap }: Site): readonly (readonly [string, InputMeaning])[] {
  const cache = typeof tap !== 'string' && tap.how === 'side-graph' ? tap.windowCache : undefined;
  return cache?.inputs.map((name) => [name, { capacity: cache.capacity }] as const) ?? [];
}
