/** An anatomy as a list of named stages: what probes, reports and tests go through. */
import type { AttentionKind } from '../../attention/types';
import { isMissing, existing, missing, type Stage } from './stage';
import type { GraphAnatomy } from './anatomy';
import { say } from '../../text/say';

/** Stages of one attention. */
export const ATTENTION_STAGES = [
  'query',
  'key',
  'value',
  'scores',
  'maskedScores',
  'weights',
  'headOutput',
  'attentionOutput',
  'attentionSum',
  'attentionNorm',
] as const;
/** Stages of one block. */
export const BLOCK_STAGES = [
  'streamBefore',
  'feedForwardNorm',
  'feedForwardInner',
  'feedForwardOutput',
  'streamAfter',
] as const;
/** Stages of a whole file; the first three of each stack of blocks. */
export const FILE_STAGES = ['tokenEmbeddings', 'positions', 'segments', 'lastNorm', 'unembedding', 'logits'] as const;

export type StageName =
  (typeof ATTENTION_STAGES)[number] | (typeof BLOCK_STAGES)[number] | (typeof FILE_STAGES)[number];

const STAGES: readonly string[] = [...ATTENTION_STAGES, ...BLOCK_STAGES, ...FILE_STAGES];

/** True for the name of a stage. */
export function isStageName(name: string): name is StageName {
  return STAGES.includes(name);
}

export interface NamedStage {
  readonly name: StageName;
  /** Whose: an attention's kind, or the stack of a block (`encoder`, `decoder`). */
  readonly kind: AttentionKind;
  /** Layer or block; -1 for what the whole file has once. */
  readonly layer: number;
  readonly stage: Stage;
}

/** Every stage of a graph, block by block in the order of the computation, missing ones with their reasons. */
export function stagesOf(anatomy: GraphAnatomy): readonly NamedStage[] {
  const stages: NamedStage[] = [];
  for (const { stack, tokens, positions, segments } of anatomy.embeddings) {
    stages.push(
      { name: 'tokenEmbeddings', kind: stack, layer: -1, stage: tokens },
      { name: 'positions', kind: stack, layer: -1, stage: positions },
      { name: 'segments', kind: stack, layer: -1, stage: segments },
    );
  }
  for (const block of anatomy.blocks) {
    const own = { kind: block.stack, layer: block.index };
    stages.push({ name: 'streamBefore', ...own, stage: block.streamBefore });
    for (const attention of block.attention) {
      const { kind, layer } = attention;
      const norm = isMissing(attention.norm)
        ? attention.norm
        : existing(attention.norm.output, 'tokens', attention.norm.kind);
      stages.push(
        { name: 'attentionNorm', kind, layer, stage: norm },
        { name: 'query', kind, layer, stage: attention.query },
        { name: 'key', kind, layer, stage: attention.key },
        { name: 'value', kind, layer, stage: attention.value },
        { name: 'scores', kind, layer, stage: attention.scores },
        { name: 'maskedScores', kind, layer, stage: attention.maskedScores },
        { name: 'weights', kind, layer, stage: attention.weights },
        { name: 'headOutput', kind, layer, stage: attention.headOutput },
        { name: 'attentionOutput', kind, layer, stage: attention.output },
        { name: 'attentionSum', kind, layer, stage: attention.sum },
      );
    }
    const part = block.feedForward;
    const norm = isMissing(part) ? part : part.norm;
    stages.push(
      { name: 'feedForwardNorm', ...own, stage: isMissing(norm) ? norm : existing(norm.output, 'tokens', norm.kind) },
      { name: 'feedForwardInner', ...own, stage: isMissing(part) ? part : part.inner },
      { name: 'feedForwardOutput', ...own, stage: isMissing(part) ? part : part.output },
      { name: 'streamAfter', ...own, stage: block.streamAfter },
    );
  }
  const { lastNorm, unembedding, logits } = anatomy.head;
  const kind = anatomy.blocks.at(-1)?.stack ?? 'encoder';
  stages.push(
    {
      name: 'lastNorm',
      kind,
      layer: -1,
      stage: isMissing(lastNorm) ? lastNorm : existing(lastNorm.output, 'tokens', lastNorm.kind),
    },
    {
      name: 'unembedding',
      kind,
      layer: -1,
      stage: isMissing(unembedding)
        ? unembedding
        : existing(unembedding.node.outputs[0] ?? '', 'tokens', unembedding.node.op),
    },
    { name: 'logits', kind, layer: -1, stage: logits },
  );
  return stages.map((entry) => ({ ...entry, stage: settle(entry.stage) }));
}

/** A stage that has no tensor in the graph and no nodes that would compute it is missing. */
function settle(stage: Stage): Stage {
  if (isMissing(stage) || stage.tensor !== '' || stage.note !== '') return stage;
  return missing(say('onnx.gap.noName'));
}
