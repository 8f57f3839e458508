/** Which tensors of a run a station is made of. */
import type { AttentionKind } from '../attention/types';
import type { LessonPlace, LessonStage } from '../protocol/lessonPlace';

export interface WantedTensor {
  readonly measure: string;
  readonly kind: AttentionKind;
  readonly layer: number;
}

type Scope = 'attention' | 'last attention' | 'block' | 'first block' | 'last block' | 'file';
type Wish = readonly [scope: Scope, ...measures: readonly string[]];

const PRODUCT = (name: string): readonly string[] => [`${name}Input`, `${name}Weight`, `${name}Bias`];
const NORM = (name: string): readonly string[] => ['', 'Weight', 'Bias', 'Epsilon', 'IsLayer'].map((end) => name + end);

const WISHES: Readonly<Record<LessonStage, readonly Wish[]>> = {
  tokens: [],
  embedding: [['file', 'tokenEmbeddings', 'similar']],
  position: [['file', 'positions', 'rotaryCosines', 'rotarySines', 'scoreBias']],
  stream: [
    ['file', 'tokenEmbeddings', 'positions', 'segments'],
    ['first block', 'streamBefore'],
  ],
  vectors: [
    [
      'attention',
      'isPostNorm',
      'query',
      'key',
      'value',
      'weights',
      ...PRODUCT('query'),
      ...PRODUCT('key'),
      ...PRODUCT('value'),
    ],
  ],
  scores: [['attention', 'query', 'key', 'scores']],
  mask: [['attention', 'scores', 'maskedScores']],
  softmax: [['attention', 'scores', 'maskedScores', 'weights']],
  values: [['attention', 'weights', 'value', 'headOutput']],
  heads: [['attention', 'headOutput', 'outputInput']],
  projection: [['attention', 'attentionOutput', ...PRODUCT('output')]],
  residual: [
    ['attention', 'attentionStream', 'attentionOutput', 'attentionSum', 'isPostNorm', ...NORM('attentionNorm')],
  ],
  feedForward: [
    ['last attention', 'isPostNorm'],
    [
      'block',
      'feedForwardInner',
      'feedForwardOutput',
      'isGated',
      ...PRODUCT('inner'),
      ...PRODUCT('gate'),
      ...PRODUCT('outer'),
    ],
  ],
  layerEnd: [
    ['last attention', 'attentionNorm', 'attentionSum', 'isPostNorm'],
    ['block', 'feedForwardOutput', 'streamAfter', ...NORM('feedForwardNorm')],
  ],
  states: [
    ['last block', 'streamAfter'],
    ['file', 'lastNorm'],
  ],
  logits: [['file', ...PRODUCT('unembedding')]],
  next: [],
  loop: [],
  forcing: [],
};

/** The stack of blocks that an attention is in. */
export const stackOf = (kind: AttentionKind): AttentionKind => (kind === 'cross' ? 'decoder' : kind);

/** What the model has, as far as it matters here. */
export interface LessonModel {
  readonly hasCross: boolean;
  /** Layers of the station's stack, and heads of its attention. */
  readonly layers: number;
  readonly heads: number;
}

/** The last attention of a block, whose sum the feed-forward network reads. */
const lastAttention = (kind: AttentionKind, { hasCross }: Pick<LessonModel, 'hasCross'>): AttentionKind =>
  stackOf(kind) === 'decoder' && hasCross ? 'cross' : kind;

export function wantsOf({ kind, stage, layer }: LessonPlace, model: LessonModel): readonly WantedTensor[] {
  const place = (scope: Scope): Omit<WantedTensor, 'measure'> => {
    switch (scope) {
      case 'attention':
        return { kind, layer };
      case 'last attention':
        return { kind: lastAttention(kind, model), layer };
      case 'block':
        return { kind: stackOf(kind), layer };
      case 'first block':
        return { kind: stackOf(kind), layer: 0 };
      case 'last block':
        return { kind: stackOf(kind), layer: model.layers - 1 };
      case 'file':
        return { kind: stackOf(kind), layer: -1 };
    }
  };
  return WISHES[stage].flatMap(([scope, ...measures]) => measures.map((measure) => ({ measure, ...place(scope) })));
}
