/** The stations of the lesson: what a model computes, in the order in which it computes it, as far as this model has it. */
import type { AttentionKind, KindInfo, ModelFamily, SequenceName } from '../attention/types';
import { STAGES_OF_ATTENTION, type LessonStage } from '../protocol/lessonPlace';

const START: readonly LessonStage[] = ['tokens', 'embedding', 'position', 'stream'];

/** A block of the map: a part of the model with stations of its own. */
export interface Part {
  /** `input`: before the first layer; `block`: the rest of a layer; `output`: after the last one. */
  readonly name: 'input' | 'attention' | 'block' | 'output';
  /** Whose: the stack, or for attention its kind. */
  readonly kind: AttentionKind;
  readonly stages: readonly LessonStage[];
}

export interface Station {
  readonly kind: AttentionKind;
  readonly stage: LessonStage;
}

/** The parts of a model from its input to its output, each stack in its order. */
export function lessonPartsOf(family: ModelFamily, kinds: readonly Pick<KindInfo, 'kind'>[]): readonly Part[] {
  const has = (kind: AttentionKind): boolean => kinds.some((info) => info.kind === kind);
  const parts: Part[] = [];
  if (has('encoder')) {
    const ends = family === 'encoder-only' ? [] : (['states'] as const);
    parts.push(
      { name: 'input', kind: 'encoder', stages: START },
      { name: 'attention', kind: 'encoder', stages: STAGES_OF_ATTENTION },
      { name: 'block', kind: 'encoder', stages: ['feedForward', 'layerEnd', ...ends] },
    );
  }
  if (has('decoder')) {
    parts.push(
      { name: 'input', kind: 'decoder', stages: START },
      { name: 'attention', kind: 'decoder', stages: STAGES_OF_ATTENTION },
    );
    if (has('cross')) parts.push({ name: 'attention', kind: 'cross', stages: STAGES_OF_ATTENTION });
    parts.push(
      { name: 'block', kind: 'decoder', stages: ['feedForward', 'layerEnd'] },
      { name: 'output', kind: 'decoder', stages: ['logits', 'next', 'loop', 'forcing'] },
    );
  }
  return parts;
}

/** Stages that are one head's own. */
const OF_A_HEAD: readonly LessonStage[] = ['vectors', 'scores', 'mask', 'softmax', 'values'];
export const isOfHead = (stage: LessonStage): boolean => OF_A_HEAD.includes(stage);

const isOfAttention = (stage: LessonStage): boolean => STAGES_OF_ATTENTION.some((one) => one === stage);

/** Stages that every layer has. */
export const isOfLayer = (stage: LessonStage): boolean =>
  isOfAttention(stage) || stage === 'feedForward' || stage === 'layerEnd';

/** All stations of a model in the order in which the lesson walks them. */
export const stationsOf = (family: ModelFamily, kinds: readonly Pick<KindInfo, 'kind'>[]): readonly Station[] =>
  lessonPartsOf(family, kinds).flatMap(({ kind, stages }) => stages.map((stage) => ({ kind, stage })));

/** Whose token is followed at a station: the text that is read, or the one that is written. */
export const followed = (kind: AttentionKind): SequenceName => (kind === 'encoder' ? 'source' : 'target');

/** Stations that show tokens and what is known of them already: nothing is asked of the engine. */
const KNOWN: readonly LessonStage[] = ['tokens', 'next', 'loop'];
export const needsNumbers = (stage: LessonStage): boolean => !KNOWN.includes(stage);
