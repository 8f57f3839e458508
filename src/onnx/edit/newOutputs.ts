/** Makes attention an output of a model's graph: the tensors that carry it, and side graphs where none does. */
import type { Insertion } from './insertions';
import { pathOf } from './place';
import type { NamedAttention } from '../find/reconcile';
import { isBranched, siteOf, type Branched, type Site, type Tap } from '../find/sites';
import { writeNode } from '../fused/sideGraph';
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import type { OnnxModel } from '../graph/onnxFile';
import type { TapOutput } from '../types';
import { FIELD, FLOAT } from '../wire/proto';
import type { MessageSpan } from '../wire/reader';
import { WireWriter } from '../wire/writer';

/** Where something is added: a graph, the way to it (empty for the top one), and what is appended to it. */
interface Place {
  readonly graph: Graph;
  readonly path: readonly MessageSpan[];
  readonly body: WireWriter;
}

/** The names of one site's outputs: its weights and, for fused attention, the two tensors that the self-test proves them with. */
interface Names {
  readonly weights: string;
  readonly proof: { readonly values: string; readonly result: string } | undefined;
}

export class NewOutputs {
  readonly insertions: Insertion[] = [];
  readonly #top = new WireWriter();
  /** Outputs added to each graph: a tensor may be wanted twice, and is an output once. */
  readonly #added = new Map<Graph, Set<string>>();

  constructor(private readonly model: OnnxModel) {}

  /** The bytes to append to the file, after everything was brought out. */
  suffix(): Uint8Array {
    const whole = new WireWriter();
    return (this.#top.length > 0 ? whole.message(FIELD.model.graph, this.#top) : whole).done();
  }

  /**
   * Makes the weights of a layer an output of the model.
   * @param withQuery makes its queries an output too, where they are a tensor of the graph
   */
  bringOut(item: NamedAttention, withQuery: boolean): TapOutput {
    const { found, label } = item;
    const site = siteOf(found);
    const top: Place = { graph: this.model.graph, path: [], body: this.#top };
    const names = isBranched(found) ? this.#branched(found, label) : this.#site(site, top, label);
    const { check, core } = site;
    const query = withQuery && core && !isBranched(found) ? this.#tensor(core.query, top, `${label}.query`) : undefined;
    return {
      name: names.weights,
      label,
      kind: item.kind,
      layer: item.layer,
      ...(item.among && { among: item.among }),
      heads: item.heads,
      kvHeads: item.kvHeads,
      layout: site.layout,
      source: isSideGraph(site) ? 'side-graph' : 'tensor',
      node: site.node.title,
      mayLoseMass: site.mayLoseMass,
      ...(site.rounding > 0 ? { rounding: site.rounding } : {}),
      ...(query === undefined ? {} : { query }),
      ...(names.proof && check ? { proof: { ...names.proof, valueHeads: check.valueHeads } } : {}),
    };
  }

  /** The same outputs in both branches of an `If`, of the `If`, and of the model. */
  #branched({ holder, branches }: Branched, label: string): Names {
    const proved = branches.every(({ site }) => site.check !== undefined);
    const weights = this.#unique(label);
    const names: Names = {
      weights,
      proof: proved ? { values: this.#unique(`${label}.values`), result: this.#unique(`${label}.result`) } : undefined,
    };
    const holderPath = pathOf(this.model.graph, holder.span);
    for (const { subgraph, site } of branches) {
      const [span] = subgraph.graph.spans;
      if (!span) throw new Error('a branch has a place in the file');
      const path = [...holderPath, subgraph.attributeSpan, span];
      const body = new WireWriter();
      this.#site(site, { graph: subgraph.graph, path, body }, `${weights}.${subgraph.attribute}`, proved);
      this.insertions.push({ path, bytes: body.done() });
    }
    const all = [names.weights, ...(names.proof ? [names.proof.values, names.proof.result] : [])];
    for (const name of all) {
      this.insertions.push({ path: holderPath, bytes: new WireWriter().text(FIELD.node.output, name).done() });
      this.#top.message(FIELD.graph.output, valueInfo(name, false));
    }
    return names;
  }

  #site(site: Site, place: Place, label: string, proved = true): Names {
    const { tap, node } = site;
    const check = proved ? site.check : undefined;
    const values = check?.values === '' ? this.#unique(`${label}.values`) : '';
    const weights =
      typeof tap === 'string' ? this.#tensor(tap, place, label) : this.#fused(tap, node, place, label, values);
    if (!check) return { weights, proof: undefined };
    if (values !== '') place.body.message(FIELD.graph.output, valueInfo(values, true));
    return {
      weights,
      proof: {
        values: values === '' ? this.#tensor(check.values, place, `${label}.values`) : values,
        result: this.#tensor(check.result, place, `${label}.result`),
      },
    };
  }

  /** Makes a tensor of the graph one of its outputs. @returns the output's name */
  #tensor(tensor: string, { graph, path, body }: Place, wanted: string): string {
    const added = this.#added.get(graph) ?? new Set();
    this.#added.set(graph, added);
    const isOutput = added.has(tensor) || graph.outputs.some((output) => output.name === tensor);
    // Outputs of a branch are matched with those of its `If` by their order, so each is listed once more, even if it is one already.
    if (isOutput && path.length === 0) return tensor;
    if (!isOutput && graph.producer.has(tensor)) {
      added.add(tensor);
      body.message(FIELD.graph.output, valueInfo(tensor, false));
      return tensor;
    }
    const name = path.length === 0 ? this.#unique(wanted) : wanted;
    body.message(FIELD.graph.node, writeNode('Identity', [tensor], [name]));
    body.message(FIELD.graph.output, valueInfo(name, false));
    return name;
  }

  #fused(tap: Tap, node: GraphNode, { graph, path, body }: Place, wanted: string, values: string): string {
    const name = path.length === 0 ? this.#unique(wanted) : wanted;
    const nodePath = path.length === 0 ? pathOf(graph, node.span) : [...path, node.span];
    if (tap.how === 'side-graph') {
      for (const part of tap.build(name, name, values)) body.message(FIELD.graph.node, part);
      body.message(FIELD.graph.output, valueInfo(name, true));
      for (const [attribute, value] of Object.entries(tap.rewrites ?? {}))
        this.#rewrite(node, nodePath, attribute, value);
      return name;
    }
    const { node: bytes, attribute } = tap.ask(name);
    this.insertions.push({ path: nodePath, bytes });
    if (attribute) this.#rewrite(node, nodePath, attribute.name, attribute.value);
    body.message(FIELD.graph.output, valueInfo(name, false));
    return name;
  }

  /** Changes an integer attribute of a node by appending the new value: where protobuf finds a field twice, the last one counts. */
  #rewrite(node: GraphNode, path: readonly MessageSpan[], attribute: string, value: number): void {
    const span = node.attributeSpan(attribute);
    if (!span) throw new Error(`the node has no attribute ${attribute}`);
    this.insertions.push({ path: [...path, span], bytes: new WireWriter().int(FIELD.attribute.i, value).done() });
  }

  /** A name that no tensor of the model has. */
  #unique(wanted: string): string {
    const taken = (name: string): boolean => [...this.model.graph.all()].some((graph) => graph.hasName(name));
    let name = wanted;
    for (let i = 0; i < 1000 && taken(name); i++) name = `explain.${wanted}${i === 0 ? '' : `.${i}`}`;
    return name;
  }
}

function isSideGraph({ tap }: Site): boolean {
  return typeof tap !== 'string' && tap.how === 'side-graph';
}

/** A ValueInfoProto. Side graphs declare float32 with four dimensions; ONNX Runtime infers what is not declared. */
function valueInfo(name: string, declared: boolean): WireWriter {
  const body = new WireWriter().text(FIELD.valueInfo.name, name);
  if (!declared) return body;
  const shape = new WireWriter();
  for (let i = 0; i < 4; i++) shape.message(1, new WireWriter());
  const tensor = new WireWriter().int(1, FLOAT).message(2, shape);
  return body.message(FIELD.valueInfo.type, new WireWriter().message(1, tensor));
}
