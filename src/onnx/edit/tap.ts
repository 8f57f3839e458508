/**
 * The attention tap: how to load an unmodified model so that every layer's attention comes out. The graph is edited by appending bytes
 * (design: outputs name existing tensors; fused attention gets a side graph; merged decoders get outputs in both branches).
 */
import { edit, type Insertion } from './insertions';
import { openModel, type Model } from '../graph/onnxFile';
import { FIELD, FLOAT } from '../wire/proto';
import { label, type Labelled } from '../find/reconcile';
import { pathOf } from './place';
import { refuseUnknown } from '../refusal';
import { isBranched, siteOf, survey, type Site } from '../find/sites';
import type { GraphRole, TapOutput, TapPlan } from '../types';
import { writeNode } from '../fused/sideGraph';
import { tooLarge, type MessageSpan } from '../wire/reader';
import { concat, WireWriter } from '../wire/writer';

/** ONNX Runtime's optimisers that would delete the tensors which side graphs of fused attention read. */
export const SIDE_GRAPH_OPTIMIZERS = ['GroupQueryAttentionFusion', 'GroupQueryAttentionPreNormFusion'];
const MAX_BYTES = 0x7fff_ffff;
/** Several times the deepest model there is. */
const MAX_LAYERS = 1024;

/**
 * Finds a graph's attention and plans the edit that brings it out.
 * @param role which file of the model this is; decides encoder or decoder where the graph alone cannot.
 * @param config the model's parsed config.json; layers and heads are reconciled with it. `undefined`: not reconciled (inspection only).
 * @throws ExplainError ONNX_INVALID, ORT_FORMAT, TOO_LARGE, NO_ATTENTION_FOUND, COUNT_MISMATCH, KIND_UNKNOWN, LAYOUT_UNSUPPORTED,
 *   BRANCH_MISMATCH, FUSED_VARIANT_UNSUPPORTED; `detail` lists the nodes and the reasons.
 */
export function planTap(bytes: Uint8Array, role: GraphRole, config: unknown): TapPlan {
  return planModel(openModel(bytes), role, config);
}

export function planModel(model: Model, role: GraphRole, config: unknown): TapPlan {
  const report = survey(model, role, config);
  refuseUnknown(report);
  if (report.found.length > MAX_LAYERS) throw tooLarge(`${report.found.length} layers of attention`);
  const labelled = label(report, model, config);
  const { insertions, suffix, outputs } = write(model, labelled);
  const parts = edit(model.bytes, insertions, suffix);
  const byteLength = parts.reduce((sum, part) => sum + part.length, 0);
  if (byteLength > MAX_BYTES) throw tooLarge(`${byteLength} bytes with the tap; ONNX files end at 2 GiB`);
  const assemble = (): Uint8Array => concat(parts, byteLength);
  return {
    role,
    parts,
    byteLength,
    assemble,
    get bytes() {
      return assemble();
    },
    addedBytes: byteLength - model.bytes.length,
    outputs,
    rejected: report.rejected.map(({ node, operator, reason }) => ({ node, operator, reason })),
    disabledOptimizers: outputs.some(({ source }) => source === 'side-graph') ? SIDE_GRAPH_OPTIMIZERS : [],
    externalData: [...model.graph.external],
  };
}

interface Written {
  readonly insertions: readonly Insertion[];
  readonly suffix: Uint8Array;
  readonly outputs: readonly TapOutput[];
}

function write(model: Model, labelled: readonly Labelled[]): Written {
  const { graph } = model;
  const insertions: Insertion[] = [];
  const suffix = new WireWriter();
  const outputs: TapOutput[] = [];
  for (const item of labelled) {
    const { found } = item;
    const site = siteOf(found);
    let name: string;
    if (isBranched(found)) {
      name = unique(model, item.label);
      for (const { subgraph, site: inner } of found.branches) {
        const [branch] = subgraph.graph.spans;
        if (!branch) throw new Error('a branch has a place in the file');
        const path = [...pathOf(graph, found.holder.span), subgraph.attributeSpan, branch];
        const body = new WireWriter();
        bringOut(inner, path, `${name}.${subgraph.attribute}`, body, insertions);
        insertions.push({ path, bytes: body.done() });
      }
      insertions.push({
        path: pathOf(graph, found.holder.span),
        bytes: new WireWriter().text(FIELD.node.output, name).done(),
      });
      suffix.message(FIELD.graph.output, valueInfo(name, false));
    } else {
      name = bringOut(site, [], item.label, suffix, insertions, model);
    }
    outputs.push({
      name,
      label: item.label,
      kind: item.kind,
      layer: item.layer,
      ...(item.among && { among: item.among }),
      heads: item.heads,
      kvHeads: item.kvHeads,
      layout: site.layout,
      source: typeof site.tap !== 'string' && site.tap.how === 'side-graph' ? 'side-graph' : 'tensor',
      node: site.node.title,
      mayLoseMass: site.mayLoseMass,
    });
  }
  return {
    insertions,
    suffix: suffix.length > 0 ? new WireWriter().message(FIELD.model.graph, suffix).done() : suffix.done(),
    outputs,
  };
}

/**
 * Makes a site's probabilities an output of its graph.
 * @param path to the site's graph, empty for the top one
 * @param body what is appended to that graph
 * @returns the output's name
 */
function bringOut(
  site: Site,
  path: readonly MessageSpan[],
  wanted: string,
  body: WireWriter,
  insertions: Insertion[],
  model?: Model,
): string {
  const { graph, tap, node } = site;
  if (typeof tap === 'string') {
    const isOutput = graph.outputs.some((output) => output.name === tap);
    if (isOutput && path.length === 0) return tap;
    if (!isOutput && graph.producer.has(tap)) {
      body.message(FIELD.graph.output, valueInfo(tap, false));
      return tap;
    }
    body.message(FIELD.graph.node, writeNode('Identity', [tap], [wanted]));
    body.message(FIELD.graph.output, valueInfo(wanted, false));
    return wanted;
  }
  const name = model ? unique(model, wanted) : wanted;
  if (tap.how === 'side-graph') {
    for (const part of tap.build(name, name)) body.message(FIELD.graph.node, part);
    body.message(FIELD.graph.output, valueInfo(name, true));
    return name;
  }
  const { node: bytes, attribute } = tap.ask(name);
  const nodePath = path.length === 0 ? pathOf(graph, node.span) : [...path, node.span];
  insertions.push({ path: nodePath, bytes });
  if (attribute) {
    const span = node.attributeSpan(attribute.name);
    if (span) insertions.push({ path: [...nodePath, span], bytes: attribute.bytes });
  }
  body.message(FIELD.graph.output, valueInfo(name, false));
  return name;
}

/** A ValueInfoProto: ORT infers what is not said; side graphs say float32 with four dimensions. */
function valueInfo(name: string, declared: boolean): WireWriter {
  const body = new WireWriter().text(FIELD.valueInfo.name, name);
  if (!declared) return body;
  const shape = new WireWriter();
  for (let i = 0; i < 4; i++) shape.message(1, new WireWriter());
  const tensor = new WireWriter().int(1, FLOAT).message(2, shape);
  return body.message(FIELD.valueInfo.type, new WireWriter().message(1, tensor));
}

/** A name that no tensor of the model has. */
function unique(model: Model, wanted: string): string {
  let name = wanted;
  for (let i = 0; i < 1000; i++) {
    if (![...model.graph.all()].some((graph) => graph.hasName(name))) return name;
    name = `explain.${wanted}${i === 0 ? '' : `.${i}`}`;
  }
  return name;
}
