/** What a model with a task head answers about a text without something, beside what it answers about all of it. */
import { ExplainError } from '../../errors';
import type { Token } from '../../attention/types';
import type { OutputChange, TaskResult } from '../../protocol/engine';
import { say } from '../../text/say';
import { answerIn } from '../task/taskAnswer';
import type { ComputedExplanation } from '../text/computedExplanation';
import type { ProbedGraph } from '../probes/probeSessions';
import type { GatedRuns, RunResult } from './gatedRuns';
import type { Gates } from './gates';
import { otherResult } from './otherResult';
import type { LeftOut } from './scoredOutput';
import { keptIndices } from './shortenedInput';
import { scoresOfSimilarity } from './taskScores';

/** True where what changes is an answer about the text, and no tokens of an output. */
export const givesAnswer = ({ answer }: ComputedExplanation): boolean => (answer?.result ?? null) !== null;

/**
 * @param runs of the text without what is left out
 * @throws ExplainError INVALID_REQUEST where there is no answer without it; MODEL_UNSUPPORTED, ANSWER_UNREADABLE, NOT_FINITE
 */
export async function changedAnswer(
  explanation: ComputedExplanation,
  graphs: readonly ProbedGraph[],
  runs: GatedRuns,
  gates: Gates,
  without?: LeftOut,
): Promise<Pick<OutputChange, 'answer' | 'tokens' | 'written' | 'sequence'>> {
  const { head } = explanation.model;
  const before = explanation.answer?.result;
  if (!head || !before) throw new ExplainError('MODEL_UNSUPPORTED', say('engine.noOutput'));
  const run = await runs.result(gates, head.also);
  const answer =
    before.type === 'similarity'
      ? { ...before, cosine: await cosineIn(explanation, graphs, gates, run) }
      : inWhole(answerOf(explanation, run, without), explanation.tokens.source.length, without);
  return { sequence: 'source', tokens: [], written: [], answer };
}

async function cosineIn(
  explanation: ComputedExplanation,
  graphs: readonly ProbedGraph[],
  gates: Gates,
  run: RunResult,
): Promise<number | null> {
  const { model, answer } = explanation;
  if (!model.head || answer?.result?.type !== 'similarity') return null;
  const output = scoresOfSimilarity(explanation, model.head, answer.result);
  const other = await otherResult(explanation, graphs, output, gates);
  return output.of(run, undefined, other).get(0) ?? null;
}

function answerOf({ model: { head }, tokens }: ComputedExplanation, run: RunResult, without?: LeftOut): TaskResult {
  if (!head) throw new ExplainError('MODEL_UNSUPPORTED', say('engine.noOutput'));
  const [first, second] = head.also.map((name) => run.also[name]);
  const [result] = answerIn(head, run, first, second, tokensOf(tokens.source, without));
  if (!result) throw new ExplainError('INVALID_REQUEST', say('engine.leavesNothing'));
  return result;
}

const tokensOf = (tokens: readonly Token[], without: LeftOut | undefined): readonly Token[] =>
  without?.filler === null ? keptIndices(tokens.length, without.ranges).flatMap((at) => tokens[at] ?? []) : tokens;

/** The answer with its tokens counted in the whole text. */
function inWhole(answer: TaskResult, length: number, without: LeftOut | undefined): TaskResult {
  if (without?.filler !== null) return answer;
  const places = keptIndices(length, without.ranges);
  const placeOf = (at: number): number => places[at] ?? at;
  switch (answer.type) {
    case 'labels':
      return { ...answer, from: answer.from.map(placeOf) };
    case 'token-labels':
      return { ...answer, tokens: answer.tokens.map((one) => ({ ...one, index: placeOf(one.index) })) };
    case 'span': {
      const spread = (shares: readonly number[]): readonly number[] => {
        const all = Array.from({ length }, () => 0);
        for (const [at, share] of shares.entries()) all[placeOf(at)] = share;
        return all;
      };
      const answers = answer.answers.map((one) => ({ ...one, from: placeOf(one.from), to: placeOf(one.to - 1) + 1 }));
      return { ...answer, answers, begins: spread(answer.begins), ends: spread(answer.ends) };
    }
    case 'similarity':
      return answer;
  }
}
