/** A text that was read with heads off: what else is asked of its model is of the same run, with the same heads off. */
import type { HeadRef, KindInfo } from '../../attention/types';
import type { TextProbeAnswer } from '../../protocol/engine';
import type { ExtraInput, ProbedGraph } from '../probes/probeSessions';
import { gatesWithout, withoutOff } from './gates';

/** Graphs with gates in which these heads are off, whatever else is switched off in them. */
export function boundGraphs(
  graphs: readonly ProbedGraph[],
  kinds: readonly KindInfo[],
  off: readonly HeadRef[],
): readonly ProbedGraph[] {
  if (off.length === 0) return graphs;
  const gates = gatesWithout(kinds, off);
  const isWriter = kinds.every(({ kind }) => kind === 'decoder');
  return graphs.map((graph) => ({
    ...graph,
    run: (context, extra, only) => {
      const bound: Record<string, ExtraInput> = { ...extra };
      for (const { name, kind } of graph.probed.gates) {
        const given = extra[name];
        // A decoder-only file without a cache looks like an encoder's.
        const own = gates[isWriter ? 'decoder' : kind];
        if (given && own)
          bound[name] = { ...given, data: Float32Array.from(own, (factor, at) => factor * Number(given.data[at])) };
      }
      return graph.run(context, bound, only);
    },
  }));
}

const NORMS: ReadonlySet<string> = new Set(['projectedValueNorm', 'valueNorm']);

/** What heads that are off move is nothing, however long their values are. */
export function withoutTheirValues(answer: TextProbeAnswer, off: readonly HeadRef[]): TextProbeAnswer {
  if (off.length === 0) return answer;
  const tensors = answer.tensors.map((tensor) =>
    NORMS.has(tensor.measure)
      ? { ...tensor, data: withoutOff(tensor.data, tensor.dims.at(-1) ?? 0, tensor, off) }
      : tensor,
  );
  return { ...answer, tensors };
}
