/** Collects what a probe of the lesson brings out of one graph. */
import type { AttentionKind } from '../../attention/types';
import { say } from '../../text/say';
import type { GraphView } from '../anatomy/graphView';
import type { Missing } from '../anatomy/stage';
import { SideGraph } from '../fused/sideGraph';
import { FLOAT } from '../wire/proto';
import { outputName, type ProbeGap, type ProbeOutput } from './probe';

/** A branch of a merged decoder that lacks a tensor gives NaN in its place, so that the other one can give it. */
export class PartCollector {
  readonly g: SideGraph;
  readonly outputs: ProbeOutput[] = [];
  readonly gaps: ProbeGap[] = [];

  constructor(
    readonly view: GraphView,
    prefix: string,
  ) {
    this.g = new SideGraph(prefix);
  }

  /** @param tensor its name, or why there is none */
  put(
    measure: string,
    kind: AttentionKind,
    layer: number,
    layout: ProbeOutput['layout'],
    tensor: string | Missing,
  ): void {
    const isThere = typeof tensor === 'string' && tensor !== '';
    if (!isThere) {
      const reason = typeof tensor === 'string' ? say('onnx.gap.nothingProjected') : tensor.missing;
      this.gaps.push({ measure, kind, layer, reason });
    }
    const output = { name: outputName(measure, kind, layer), measure, kind, layer, layout };
    this.g.named('Cast', [isThere ? tensor : this.g.float(NaN)], output.name, { to: FLOAT });
    this.outputs.push(output);
  }
}
