/** Logits over labels as names with probabilities. */
import { problemOf, type LabelProblem, type TaskConfig } from '../../config/taskConfig';
import type { ScoredLabel } from '../../protocol/engine';
import { notFinite, probabilityOf } from '../../transformer/probabilities';

/** Labels that are told of a text: a model of ten thousand has few that are likely. */
export const MOST_TOLD = 100;

/** As `transformers` calls a label that has no name. */
const nameOf = (id: number): string => `LABEL_${id}`;

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

function probabilityAt(logits: Float32Array, id: number, problem: LabelProblem): number | null {
  switch (problem) {
    case 'single':
      return probabilityOf(logits, id);
    case 'multi':
    case 'score':
      return sigmoid(logits[id] as number); // id < length
    case 'regression':
      return null;
  }
}

/** False where the config's list is not one name for each logit: which name is whose is then not known, and none is taken. */
export const isListFor = ({ labels }: TaskConfig, logits: number): boolean =>
  labels?.length === logits && labels.every((name) => name !== '');

/**
 * The likeliest labels, likeliest first.
 * @param logits [labels]
 * @throws ExplainError NOT_FINITE
 */
export function scoredLabels(logits: Float32Array, config: TaskConfig, most: number): readonly ScoredLabel[] {
  if (!logits.every((logit) => Number.isFinite(logit))) throw notFinite();
  const problem = problemOf(config, logits.length);
  const named = isListFor(config, logits.length) ? config.labels : undefined;
  return [...logits.keys()]
    .sort((one, other) => (logits[other] as number) - (logits[one] as number)) // both < length
    .slice(0, most)
    .map((id) => ({
      id,
      label: named?.[id] ?? nameOf(id),
      logit: logits[id] as number, // id < length
      probability: probabilityAt(logits, id, problem),
    }));
}
