/** How well a text's output is predicted without some pieces of its input, one run after another. */
import { contentOf } from '../../attention/content';
import type { TokenRange } from '../../attention/types';
import type { LeaveOutRequest, LeftOutCosts } from '../../protocol/engine';
import type { ProbedGraph } from '../probes/probeSessions';
import type { ComputedExplanation } from '../text/computedExplanation';
import { GatedRuns } from './gatedRuns';
import { gatesWithout } from './gates';
import { otherResult } from './otherResult';
import { outputScores } from './outputScores';
import { checkedRanges, fillerFor, isAnythingLeft } from '../text/leftOutPieces';
import { inputPart, sequencesWithout } from './shortenedInput';

export type LeaveOutWanted = Pick<LeaveOutRequest, 'ranges' | 'manner' | 'outputs' | 'label'>;

/** What is known of a measurement before it has begun. */
type About = Omit<LeftOutCosts, 'costs' | 'done' | 'gaps' | 'agreement' | 'fit'>;

export interface PiecesWithout {
  readonly about: About;
  /** The output's scores with the whole input, by their place in it. */
  readonly before: ReadonlyMap<number, number>;
  /** The positions that the output is predicted from. */
  readonly rows: readonly number[];
  /** False where nothing of the text would be left without these pieces. */
  readonly canDoWithout: (pieces: readonly TokenRange[]) => boolean;
  /** The output's scores that are still there without these pieces, in order and none touching another, by their place in it. */
  readonly scores: (pieces: readonly TokenRange[]) => Promise<ReadonlyMap<number, number>>;
}

/**
 * Measures the output with the whole input.
 * @throws ExplainError INVALID_REQUEST where there is no output, no such piece, or nothing to put in its place
 */
export async function piecesWithout(
  explanation: ComputedExplanation,
  graphs: readonly ProbedGraph[],
  { ranges, manner, outputs, label }: LeaveOutWanted,
): Promise<PiecesWithout> {
  const { model, tokens, sequences } = explanation;
  const output = outputScores(explanation, { ...(outputs && { outputs }), ...(label !== undefined && { label }) });
  const part = inputPart(explanation);
  const { sequence, end } = part;
  checkedRanges(ranges, part);
  const filler = fillerFor(explanation, manner);
  const gates = gatesWithout(model.report.kinds, []);
  const input = tokens[sequence].slice(0, end);
  const other = await otherResult(explanation, graphs, output, gates);
  const scores = async (pieces: readonly TokenRange[]): Promise<ReadonlyMap<number, number>> => {
    const isWhole = pieces.length === 0;
    const read = isWhole ? sequences : sequencesWithout(sequences, sequence, pieces, filler);
    const runs = new GatedRuns(model, graphs, read);
    try {
      const result = await runs.result(gates, output.also);
      return output.of(result, isWhole ? undefined : { sequence, ranges: pieces, filler }, other);
    } finally {
      runs.dispose();
    }
  };
  const before = await scores([]);
  return {
    about: {
      of: contentOf(tokens.source, tokens.target),
      sequence,
      ranges,
      manner,
      outputSequence: output.sequence,
      outputs: output.outputs,
      ...(output.label && { label: output.label }),
      plain: [...before.values()].reduce((sum, value) => sum + value, 0) / before.size,
    },
    before,
    rows: output.rows,
    canDoWithout: (pieces) => filler !== null || isAnythingLeft(input, pieces),
    scores,
  };
}
