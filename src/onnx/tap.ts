/**
 * The attention tap: how to load an unmodified model so that every layer's attention comes out. The graph is edited by appending bytes
 * (design: outputs name existing tensors; fused attention gets a side graph; merged decoders get outputs in both branches).
 */
import type { AttentionKind } from '../attention/types';
import { ExplainError, type ErrorCode } from '../errors';
import { expect } from './config';
import { edit, type Insertion } from './edit';
import type { Graph } from './graph';
import { cachedHeads } from './heads';
import { openModel, type Model } from './model';
import { FIELD, FLOAT } from './proto';
import { isBranched, siteOf, survey, type Found, type Site, type Survey } from './sites';
import type { GraphRole, RejectedNode, TapOutput, TapPlan } from './types';
import { writeNode } from './sideGraph';
import { tooLarge, type MessageSpan } from './wire';
import { concat, WireWriter } from './writer';

/** ONNX Runtime's optimisers that would delete the tensors which side graphs of fused attention read. */
const SIDE_GRAPH_OPTIMIZERS = ['GroupQueryAttentionFusion', 'GroupQueryAttentionPreNormFusion'];
const MAX_BYTES = 0x7fff_ffff;

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

/** A refusal with what is needed to report it. */
export class TapRefused extends ExplainError {
  constructor(
    code: ErrorCode,
    message: string,
    readonly rejected: readonly RejectedNode[],
    extra: readonly string[] = [],
  ) {
    super(code, message, { detail: [...extra, ...rejected.map(({ node, operator, reason }) => `${operator} ${node}: ${reason}`)].join('\n') });
  }
}

function refuseUnknown(report: Survey): void {
  const { found, rejected, fused, mismatched } = report;
  const all = [...fused, ...rejected];
  if (fused.length > 0) {
    throw new TapRefused('FUSED_VARIANT_UNSUPPORTED', `The model uses fused attention that cannot be looked into (${fused[0]?.reason ?? ''}). Choose an export without fused attention.`, all);
  }
  if (mismatched.length > 0) {
    throw new TapRefused('BRANCH_MISMATCH', 'The two branches of the merged decoder do not show the same attention. Choose an export with separate decoder files.', all, mismatched);
  }
  if (found.length === 0) {
    const layout = rejected.filter(({ why }) => why === 'layout');
    const [first] = layout;
    if (first) {
      throw new TapRefused('LAYOUT_UNSUPPORTED', `The model's attention is not a map of queries to keys (${first.reason}), so it cannot be shown.`, all);
    }
    throw new TapRefused('NO_ATTENTION_FOUND', 'No attention was found in the model: no softmax stands between queries, keys and values.', all);
  }
  const unknown = found.map(siteOf).filter(({ kind }) => kind === 'unknown');
  if (unknown.length > 0) {
    throw new TapRefused(
      'KIND_UNKNOWN',
      'It cannot be told whose attention the model\'s layers show (its own tokens\' or the encoder\'s), so none is shown.',
      [...unknown.map(({ node }) => ({ node: node.title, operator: node.op, reason: 'its queries and keys are projected from different tensors' })), ...all],
    );
  }
}

interface Labelled {
  readonly found: Found;
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly label: string;
  readonly heads: number;
  readonly kvHeads: number;
}

/** Counts layers by order, and reconciles layers and heads with the config. */
function label(report: Survey, model: Model, config: unknown): Labelled[] {
  const counts: Record<AttentionKind, number> = { encoder: 0, decoder: 0, cross: 0 };
  const cached = cachedHeads(model.graph);
  const labelled = report.found.map((found): Labelled => {
    const site = siteOf(found);
    if (site.kind === 'unknown') throw new Error('unknown kinds are refused before');
    const { kind } = site;
    const layer = counts[kind]++;
    const { heads, kvHeads } = reconcileHeads(site, kind, cached, config, report);
    return { found, kind, layer, label: `${kind}_attentions.${layer}`, heads, kvHeads };
  });
  if (config !== undefined) reconcileLayers(counts, config, report);
  return labelled;
}

function reconcileLayers(counts: Readonly<Record<AttentionKind, number>>, config: unknown, report: Survey): void {
  const titles = report.found.map(siteOf).map(({ node, kind }) => ({ node: node.title, operator: node.op, reason: `taken as ${kind} attention` }));
  for (const kind of ['encoder', 'decoder', 'cross'] as const) {
    if (counts[kind] === 0) continue;
    const { layers } = expect(config, kind);
    if (!layers.includes(counts[kind])) {
      const said = layers.length > 0 ? `config.json says ${layers.join(' or ')}` : 'config.json does not say how many there are';
      throw new TapRefused('COUNT_MISMATCH', `The model shows ${counts[kind]} layers of ${kind} attention, but ${said}; as it cannot be told which they are, none is shown.`, [...titles, ...report.rejected]);
    }
  }
  if (counts.cross > 0 && counts.decoder > 0 && counts.cross !== counts.decoder) {
    throw new TapRefused('COUNT_MISMATCH', `The decoder shows ${counts.decoder} layers of its own attention but ${counts.cross} of cross-attention, so none is shown.`, [...titles, ...report.rejected]);
  }
}

function reconcileHeads(site: Site, kind: AttentionKind, cached: number, config: unknown, report: Survey): { heads: number; kvHeads: number } {
  const expected = expect(config, kind);
  if (site.heads > 0 && expected.heads.length > 0 && !expected.heads.includes(site.heads)) {
    throw new TapRefused('COUNT_MISMATCH', `The model's graph has ${site.heads} heads where config.json says ${expected.heads.join(' or ')}, so none is shown.`, [
      { node: site.node.title, operator: site.node.op, reason: `${site.heads} heads` },
      ...report.rejected,
    ]);
  }
  const [only, ...others] = expected.heads;
  const heads = site.heads > 0 ? site.heads : only !== undefined && others.length === 0 ? only : 0;
  const candidates = [site.kvHeads, kind === 'decoder' ? cached : 0, kind === 'cross' ? 0 : expected.kvHeads];
  const kvHeads = candidates.find((count) => count > 0 && count <= heads && heads % count === 0) ?? heads;
  return { heads, kvHeads };
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
      insertions.push({ path: pathOf(graph, found.holder.span), bytes: new WireWriter().text(FIELD.node.output, name).done() });
      suffix.message(FIELD.graph.output, valueInfo(name, false));
    } else {
      name = bringOut(site, [], item.label, suffix, insertions, model);
    }
    outputs.push({
      name,
      label: item.label,
      kind: item.kind,
      layer: item.layer,
      heads: item.heads,
      kvHeads: item.kvHeads,
      layout: site.layout,
      source: typeof site.tap !== 'string' && site.tap.how === 'side-graph' ? 'side-graph' : 'tensor',
      node: site.node.title,
      mayLoseMass: site.mayLoseMass,
    });
  }
  return { insertions, suffix: suffix.length > 0 ? new WireWriter().message(FIELD.model.graph, suffix).done() : suffix.done(), outputs };
}

/** The way to a node of the top graph: the occurrence of the graph that it lies in, and itself. */
function pathOf(graph: Graph, span: MessageSpan): MessageSpan[] {
  const outer = graph.spans.find(({ start, end }) => start <= span.tag && span.end <= end);
  if (!outer) throw new Error('a node lies in its graph');
  return [outer, span];
}

/**
 * Makes a site's probabilities an output of its graph.
 * @param path to the site's graph, empty for the top one
 * @param body what is appended to that graph
 * @returns the output's name
 */
function bringOut(site: Site, path: readonly MessageSpan[], wanted: string, body: WireWriter, insertions: Insertion[], model?: Model): string {
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
