/** An anatomy as lines for people: by block and layer, where each stage is, or why it is not. */
import type { BlockAnatomy, GraphAnatomy } from '../../src/onnx/anatomy/anatomy';
import { isMissing } from '../../src/onnx/anatomy/stage';
import { stagesOf, type NamedStage } from '../../src/onnx/anatomy/stages';

export function anatomyLines(anatomies: readonly GraphAnatomy[]): readonly string[] {
  return anatomies.flatMap((anatomy) => {
    const title = anatomy.branch ? `anatomy of ${anatomy.branch.subgraph.attribute}` : 'anatomy';
    const stages = stagesOf(anatomy);
    const lines = [`${title}:`];
    for (const stack of anatomy.embeddings)
      lines.push(
        `  ${stack.stack} embeddings`,
        ...own(stages, stack.stack, -1, (name) => /Embeddings|positions|segments/.test(name)),
      );
    for (const block of anatomy.blocks) {
      lines.push(
        `  ${blockTitle(block)}: ${block.arrangement}${block.parallel ? ', attention and feed-forward in parallel' : ''}`,
      );
      lines.push(...own(stages, block.stack, block.index, () => true));
      for (const { kind, layer, projection } of block.attention) {
        if (kind === 'cross') lines.push('    cross-attention', ...own(stages, kind, layer, () => true));
        const weight = isMissing(projection) ? projection : projection.weight;
        const where = isMissing(weight) ? '' : weight.initializer || '(computed)';
        const found = isMissing(weight) ? `– ${weight.missing}` : `${where} (${weight.note})`;
        lines.push(line(`${kind} output weight`, found));
      }
    }
    lines.push(
      '  end',
      ...own(stages, anatomy.blocks.at(-1)?.stack ?? 'encoder', -1, (name) => /lastNorm|unembedding|logits/.test(name)),
    );
    return lines;
  });
}

/** A hybrid model has layers without attention, so that a block here is another one of the model's layers. */
function blockTitle({ stack, index, attention }: BlockAnatomy): string {
  const among = attention[0]?.among;
  const place = among === undefined ? '' : ` (layer ${among.place} of the model, counted from 0)`;
  return `${stack} block ${index}${place}`;
}

function own(stages: readonly NamedStage[], kind: string, layer: number, wanted: (name: string) => boolean): string[] {
  return stages
    .filter((entry) => entry.kind === kind && entry.layer === layer && wanted(entry.name))
    .map(({ name, stage }) => line(name, isMissing(stage) ? `– ${stage.missing}` : said(stage)));
}

function said({
  tensor,
  layout,
  note,
}: {
  readonly tensor: string;
  readonly layout: string;
  readonly note: string;
}): string {
  const notes = [layout, note].filter((text) => text !== '').join(', ');
  return `${tensor === '' ? '(computed)' : tensor} [${notes}]`;
}

function line(name: string, text: string): string {
  return `    ${name.padEnd(18)} ${text}`;
}
