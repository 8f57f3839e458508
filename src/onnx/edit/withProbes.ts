/** A model with probes in it, and gates where they are wanted: the file's own bytes, and a little beside them. */
import type { GraphAnatomy } from '../anatomy/anatomy';
import type { OnnxModel } from '../graph/onnxFile';
import { PROBE_PREFIX } from '../graph/addedNames';
import type { Probe, ProbeGap, ProbeInput, ProbeOutput } from '../probe/probe';
import { FIELD, FLOAT, INT64 } from '../wire/proto';
import { tooLarge } from '../wire/reader';
import { concat, WireWriter } from '../wire/writer';
import { headGates, type HeadGates } from './headGates';
import { knockouts, type Knockouts } from './knockouts';
import { edit, type Insertion } from './insertions';
import { namings } from './processorNodes';
import { playControls } from './playControls';
import { pathOf } from './place';
import { say } from '../../text/say';

const MAX_BYTES = 0x7fff_ffff;

export interface ProbedModel {
  readonly outputs: readonly ProbeOutput[];
  /** Inputs that the model has beside its own; all of them have to be fed. */
  readonly inputs: readonly ProbeInput[];
  readonly gates: HeadGates['inputs'];
  /** Inputs by which the text is read in another way; what is not fed leaves the model as it is. */
  readonly controls: readonly ProbeInput[];
  /** Inputs by which single links are cut; what is not fed cuts none. */
  readonly knockouts: Knockouts['inputs'];
  readonly gaps: readonly ProbeGap[];
  readonly addedBytes: number;
  readonly externalData: readonly string[];
  /** Copies the edited model into one new array, for the runtime. */
  readonly assemble: () => Uint8Array;
}

export interface ProbeWishes {
  /** Makes a probe of one graph's anatomy; names of what it appends begin with `prefix`. */
  readonly probes: readonly ((anatomy: GraphAnatomy, prefix: string) => Probe)[];
  /** Put a gate on each head's output. */
  readonly gates: boolean;
  /** Let masks and the order of positions be changed (`playControls`). */
  readonly play?: boolean;
  /** Let single links be cut. */
  readonly knockouts?: boolean;
}

/**
 * @param anatomies what `anatomyOf` found in this model
 * @throws ExplainError TOO_LARGE
 */
export function withProbes(model: OnnxModel, anatomies: readonly GraphAnatomy[], wishes: ProbeWishes): ProbedModel {
  const made = anatomies.map((anatomy) => ({
    anatomy,
    probes: wishes.probes.map((make, place) => make(anatomy, `${PROBE_PREFIX}${place}`)),
  }));
  // What comes out of a branch has to come out of the other one too.
  const shared = (output: ProbeOutput): boolean =>
    made.every(({ probes }) => probes.some(({ outputs }) => outputs.some(({ name }) => name === output.name)));
  const all = made[0]?.probes.flatMap(({ outputs }) => outputs) ?? [];
  const outputs = all.filter(shared);
  const gaps = uniqueGaps([
    ...made.flatMap(({ probes }) => probes.flatMap((probe) => probe.gaps)),
    ...all.filter((output) => !shared(output)).map((output) => ({ ...output, reason: say('onnx.gap.oneBranch') })),
  ]);
  const insertions: Insertion[] = [...namings(model)];
  const suffix = new WireWriter();
  for (const { anatomy, probes } of made) {
    const nodes = probes.flatMap((probe) => probe.nodes);
    if (!anatomy.branch) {
      for (const node of nodes) suffix.message(FIELD.graph.node, node);
      continue;
    }
    const { holder, subgraph } = anatomy.branch;
    const [span] = subgraph.graph.spans;
    if (!span) throw new Error('a branch has a place in the file');
    const body = new WireWriter();
    for (const node of nodes) body.message(FIELD.graph.node, node);
    for (const { name } of outputs) body.message(FIELD.graph.output, value(name, FLOAT));
    insertions.push({ path: [...pathOf(model.graph, holder.span), subgraph.attributeSpan, span], bytes: body.done() });
  }
  const branch = anatomies[0]?.branch;
  if (branch && outputs.length > 0) {
    const names = new WireWriter();
    for (const { name } of outputs) names.text(FIELD.node.output, name);
    insertions.push({ path: pathOf(model.graph, branch.holder.span), bytes: names.done() });
  }
  for (const { name } of outputs) suffix.message(FIELD.graph.output, value(name, FLOAT));
  const gates = wishes.gates ? headGates(model.graph, anatomies) : { insertions: [], inputs: [], gaps: [] };
  insertions.push(...gates.insertions);
  const play = wishes.play ? playControls(model.graph, anatomies) : { insertions: [], inputs: [], gaps: [] };
  insertions.push(...play.insertions);
  const cuts = wishes.knockouts ? knockouts(model.graph, anatomies) : { insertions: [], inputs: [], gaps: [] };
  insertions.push(...cuts.insertions);
  const inputs = uniqueInputs(made.flatMap(({ probes }) => probes.flatMap((probe) => probe.inputs)));
  for (const { name, type, dims } of [...inputs, ...gates.inputs, ...play.inputs, ...cuts.inputs])
    suffix.message(FIELD.graph.input, value(name, type === 'int64' ? INT64 : FLOAT, dims));
  const parts = edit(model.bytes, insertions, new WireWriter().message(FIELD.model.graph, suffix).done());
  const byteLength = parts.reduce((sum, part) => sum + part.length, 0);
  if (byteLength > MAX_BYTES) throw tooLarge(say('onnx.reason.bytesWithProbes', { bytes: byteLength }));
  return {
    outputs,
    inputs,
    gates: gates.inputs,
    controls: play.inputs,
    knockouts: cuts.inputs,
    gaps: [...gaps, ...uniqueGaps([...gates.gaps, ...play.gaps, ...cuts.gaps])],
    addedBytes: byteLength - model.bytes.length,
    externalData: [...model.graph.external],
    assemble: () => concat(parts, byteLength),
  };
}

function uniqueGaps(gaps: readonly ProbeGap[]): readonly ProbeGap[] {
  const known = new Map(gaps.map((gap) => [`${gap.measure} ${gap.kind} ${gap.layer} ${gap.reason}`, gap]));
  return [...known.values()].map(({ measure, kind, layer, reason }) => ({ measure, kind, layer, reason }));
}

function uniqueInputs(inputs: readonly ProbeInput[]): readonly ProbeInput[] {
  return [...new Map(inputs.map((input) => [input.name, input])).values()];
}

/** A ValueInfoProto; a shape is only said where it is known. */
function value(name: string, type: number, dims?: readonly (number | string)[]): WireWriter {
  const tensor = new WireWriter().int(1, type);
  if (dims) {
    const shape = new WireWriter();
    for (const dim of dims)
      shape.message(1, typeof dim === 'number' ? new WireWriter().int(1, dim) : new WireWriter().text(2, dim));
    tensor.message(2, shape);
  }
  return new WireWriter()
    .text(FIELD.valueInfo.name, name)
    .message(FIELD.valueInfo.type, new WireWriter().message(1, tensor));
}
