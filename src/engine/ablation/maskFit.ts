/**
 * What pieces of a long input are worth to its output, by ContextCite (Cohen-Wang et al. 2024, arXiv 2409.00729): the input is read
 * with random halves of its pieces, and a sparse linear fit says how the log-odds of the output, as it stands, follow from which
 * pieces are there. A fixed number of passes, however many pieces there are, and pieces that stand in for each other are told apart
 * from those that do nothing.
 */
import type { TokenRange } from '../../attention/types';
import { ExplainError } from '../../errors';
import { lasso, predicted, type LinearFit } from '../../measure/lasso';
import { rankCorrelation } from '../../measure/rankCorrelation';
import type { LeftOutCosts, ScoredFor } from '../../protocol/engine';
import { say } from '../../text/say';
import { seededNumber } from '../../transformer/decoding/seededNumber';
import { nextTask } from '../macrotask';
import type { ProbedGraph } from '../probes/probeSessions';
import type { ComputedExplanation } from '../text/computedExplanation';
import { agreementOf } from './agreement';
import { piecesWithout, type LeaveOutWanted, type PiecesWithout } from './piecesWithout';

/** So many masks at most: as ContextCite's own code takes. Every fourth is held out, to see how well the fit foretells it. */
const MASKS = 64;
const HELD_OUT = 4;
/** With fewer measured nothing is fitted, where there are more. */
const FEWEST = 8;
/** The weight of the fit's sparseness, as in ContextCite's own code. */
const ALPHA = 0.01;
/** The same masks each time. */
const SEED = 20_240_900;
/** A mask that would leave nothing of the text, or was drawn before, is drawn again; so often for each. */
const TRIES = 50;
/** An output that is certain, to what floats tell, has odds that are finite. */
const MOST_CERTAIN = -1e-7;

/** For each piece 1 where it is kept, and 0 where it is left out. */
export type PieceMask = readonly number[];

/** A seeded mask of so many pieces, each kept with probability 1/2. @param place of the mask among all that are drawn */
export const randomMask = (pieces: number, place: number): PieceMask =>
  Array.from({ length: pieces }, (_, at) => (seededNumber(SEED, place * pieces + at) < 0.5 ? 1 : 0));

/** log(p / (1 − p)) of a log probability. */
export function logOdds(logProbability: number): number {
  const log = Math.min(logProbability, MOST_CERTAIN);
  return log - Math.log(-Math.expm1(log));
}

/** What is fitted: the log-odds of all of the output, for each of its tokens; of a regression, and of a cosine, the number itself. */
function valueOf(scores: ReadonlyMap<number, number>, label: ScoredFor | undefined): number {
  const sum = [...scores.values()].reduce((all, one) => all + one, 0);
  const isNumber = label?.meaning === 'regression' || label?.meaning === 'cosine';
  return isNumber ? sum : logOdds(sum) / scores.size;
}

/** Masks that can be read, each once: all that there are of few pieces. Null where none of them leaves anything out. */
function masksOf(ranges: readonly TokenRange[], { canDoWithout }: PiecesWithout): readonly PieceMask[] | null {
  const masks = new Map<string, PieceMask>();
  for (let place = 0; masks.size < MASKS && place < MASKS * TRIES; place++) {
    const mask = randomMask(ranges.length, place);
    if (canDoWithout(missing(ranges, mask))) masks.set(mask.join(''), mask);
  }
  const all = [...masks.values()];
  return all.some((mask) => mask.includes(0)) ? all : null;
}

/** The pieces that a mask leaves out; those that follow each other as one. */
function missing(ranges: readonly TokenRange[], mask: PieceMask): readonly TokenRange[] {
  const out: TokenRange[] = [];
  ranges.forEach((range, at) => {
    const last = out.at(-1);
    if (mask[at] === 1) return;
    if (last?.to === range.from) out.splice(-1, 1, { from: last.from, to: range.to });
    else out.push(range);
  });
  return out;
}

interface Sample {
  readonly mask: PieceMask;
  readonly value: number;
}

/** The fit of what was measured, and how far it orders the masks that were held out as they are. */
function fitted(samples: readonly Sample[]): {
  readonly fit: LinearFit;
  readonly correlation: number | null;
  readonly heldOut: number;
} {
  const isHeldOut = (at: number): boolean => at % HELD_OUT === HELD_OUT - 1;
  const seen = samples.filter((_, at) => !isHeldOut(at));
  const held = samples.filter((_, at) => isHeldOut(at));
  const fit = lasso(
    seen.map(({ mask }) => mask),
    seen.map(({ value }) => value),
    ALPHA,
  );
  const correlation = rankCorrelation(
    held.map(({ mask }) => predicted(fit, mask)),
    held.map(({ value }) => value),
  );
  return { fit, correlation: Number.isNaN(correlation) ? null : correlation, heldOut: held.length };
}

/**
 * Reads the input without random halves of `ranges`, in order and none touching another's tokens, and fits the output's log-odds.
 * @param told what is known so far, after each mask
 * @returns costs as the change of the log-odds a token, positive where the output becomes less likely without the piece; exactly 0
 *   for a piece that the fit does without
 * @throws ExplainError INVALID_REQUEST as `leaveOut`, and where the output is itself among the pieces; AbortError
 */
export async function maskFit(
  explanation: ComputedExplanation,
  graphs: readonly ProbedGraph[],
  wanted: LeaveOutWanted,
  told: (sofar: LeftOutCosts) => void,
  signal: AbortSignal | undefined,
): Promise<LeftOutCosts> {
  const { ranges } = wanted;
  const without = await piecesWithout(explanation, graphs, wanted);
  const { about, before, rows, scores } = without;
  const costs = new Float32Array(ranges.length).fill(NaN);
  const masks = masksOf(ranges, without);
  if (!masks) return { ...about, costs, done: ranges.length, gaps: [say('engine.nothingLeft')], agreement: null };
  const samples: Sample[] = [];
  const sofar = (whole: boolean): LeftOutCosts => {
    const found = samples.length < Math.min(FEWEST, masks.length) ? null : fitted(samples);
    if (found) costs.set(found.fit.weights);
    const { correlation, heldOut } = found ?? { correlation: null, heldOut: 0 };
    return {
      ...about,
      costs: costs.slice(),
      done: samples.length,
      gaps: [],
      agreement: whole ? agreementOf(explanation, rows, ranges, costs) : null,
      fit: { masks: masks.length, heldOut, correlation },
    };
  };
  for (const mask of masks) {
    const after = await scores(missing(ranges, mask));
    // The output has to be the same each time.
    if (after.size < before.size) throw new ExplainError('INVALID_REQUEST', say('engine.fitNeedsOutput'));
    samples.push({ mask, value: valueOf(after, about.label) });
    told(sofar(false));
    await nextTask();
    signal?.throwIfAborted();
  }
  return sofar(true);
}
