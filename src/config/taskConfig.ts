/**
 * What config.json says about a model's task head: the names of its labels, and what their logits stand for. Sources: `transformers`,
 * configuration_utils.py and pipelines/text_classification.py; sentence-transformers, cross_encoder/CrossEncoder.py.
 */
import { asObject, type JsonObject } from '../json/fields';

/**
 * What logits over labels stand for: one label of all (softmax), any number of them (a sigmoid each), a number that was learnt
 * as it is, or one logit whose config does not say more (its sigmoid is a score).
 */
export type LabelProblem = 'single' | 'multi' | 'regression' | 'score';

export interface TaskConfig {
  readonly architectures: readonly string[];
  /** By the label's number; '' where the config skips one; undefined where it names none. */
  readonly labels: readonly string[] | undefined;
  /** `problem_type`, where it is one that is known. */
  readonly problem: Exclude<LabelProblem, 'score'> | undefined;
  /** The config is a cross-encoder's, or its labels are those of an inference between two texts: one text alone is not what it judges. */
  readonly judgesPairs: boolean;
}

/** More than any classifier has; the rest of a longer list is not read. */
const MOST_LABELS = 10_000;
const LONGEST_LABEL = 200;

const PROBLEMS: Readonly<Record<string, TaskConfig['problem']>> = {
  single_label_classification: 'single',
  multi_label_classification: 'multi',
  regression: 'regression',
};

/** @param config parsed config.json; anything that is no object says nothing */
export function readTaskConfig(config: unknown): TaskConfig {
  const top = asObject(config) ?? {};
  const labels = labelsIn(top);
  const type = top['problem_type'];
  const crossEncoder = crossEncoderIn(top);
  return {
    architectures: Array.isArray(top['architectures'])
      ? top['architectures'].slice(0, 16).filter((name) => typeof name === 'string')
      : [],
    labels,
    // A cross-encoder that is trained without an activation gives its score as it is.
    problem: typeof type === 'string' && Object.hasOwn(PROBLEMS, type) ? PROBLEMS[type] : crossEncoder.problem,
    judgesPairs: crossEncoder.is || (labels?.some((name) => /^(?:entailment|contradiction)$/i.test(name)) ?? false),
  };
}

/** What several logits stand for, or the only one. */
export function problemOf({ problem }: TaskConfig, logits: number): LabelProblem {
  if (problem === 'regression' || problem === 'multi') return problem;
  return logits === 1 ? 'score' : 'single';
}

function labelsIn(top: JsonObject): readonly string[] | undefined {
  const named = asObject(top['id2label']);
  if (!named) return undefined;
  const labels: string[] = [];
  for (const [number, name] of Object.entries(named).slice(0, MOST_LABELS)) {
    const at = /^\d{1,5}$/.test(number) ? Number(number) : MOST_LABELS;
    if (at >= MOST_LABELS || (typeof name !== 'string' && typeof name !== 'number')) continue;
    const text = String(name);
    labels[at] = text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL)}…` : text;
  }
  return labels.length === 0 ? undefined : Array.from(labels, (label: string | undefined) => label ?? '');
}

/** The activations stand in an object of newer configs, and at the top of older ones. */
function crossEncoderIn(top: JsonObject): { readonly is: boolean; readonly problem: TaskConfig['problem'] } {
  const own = asObject(top['sentence_transformers']);
  const activation = own?.['activation_fn'] ?? top['sbert_ce_default_activation_function'];
  if (typeof activation !== 'string') return { is: own !== undefined, problem: undefined };
  return { is: true, problem: /\.Identity$/.test(activation) ? 'regression' : undefined };
}
