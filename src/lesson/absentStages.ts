/** Stations that a model's graph does not give: each with the reason, so that the map can show them all the same. */
import type { AttentionKind } from '../attention/types';
import type { LessonAnswer } from '../protocol/answers/lessonAnswers';
import type { LessonStage } from '../protocol/lessonPlace';
import type { Station } from './stations';
import { stackOf } from './wants';

interface Named {
  readonly measure: string;
  readonly kind: AttentionKind;
}

/** The tensor without which there is nothing to be shown at a station, whether it is an attention's, and what can stand in its place. */
const ESSENTIAL: Readonly<
  Partial<Record<LessonStage, readonly [measure: string, isOfAttention: boolean, ...others: readonly string[]]>>
> = {
  embedding: ['tokenEmbeddings', false],
  position: ['positions', false, 'rotaryCosines', 'scoreBias'],
  stream: ['streamBefore', false],
  vectors: ['query', true],
  scores: ['scores', true],
  mask: ['maskedScores', true],
  softmax: ['weights', true],
  values: ['headOutput', true],
  heads: ['headOutput', true],
  projection: ['attentionOutput', true],
  residual: ['attentionSum', true],
  feedForward: ['feedForwardOutput', false],
  layerEnd: ['streamAfter', false],
  states: ['streamAfter', false],
};

/**
 * @param outputs what the model's graphs give, of any layer
 * @param gaps what they do not, and why, as clauses
 */
export function absentStages(
  stations: readonly Station[],
  outputs: readonly Named[],
  gaps: readonly (Named & { readonly reason: string })[],
): LessonAnswer['absent'] {
  return stations.flatMap(({ kind, stage }) => {
    const [measure, isOfAttention, ...others] = ESSENTIAL[stage] ?? ['', false];
    const whose = isOfAttention ? kind : stackOf(kind);
    const lacks = (name: string): boolean => {
      const isIt = (one: Named): boolean => one.measure === name && one.kind === whose;
      return gaps.some(isIt) || !outputs.some(isIt);
    };
    const gap = gaps.find((one) => one.measure === measure && one.kind === whose);
    const isGone = gap && [measure, ...others].every(lacks);
    return isGone ? [{ kind, stage, reason: gap.reason }] : [];
  });
}
