/** What the anatomy of a fixture's files has and lacks, one line a graph and a further one for each reason. */
import { ExplainError } from '../../src/errors';
import { anatomyOf, type GraphAnatomy } from '../../src/onnx/anatomy/anatomy';
import { isMissing } from '../../src/onnx/anatomy/stage';
import { stagesOf } from '../../src/onnx/anatomy/stages';
import { openModel } from '../../src/onnx/graph/onnxFile';
import type { Fixture } from './fixture';

export function statement(fixture: Fixture): readonly string[] {
  return fixture.files.flatMap((file) => {
    const title = `${fixture.name}/${file.name}`;
    try {
      return anatomyOf(openModel(file.bytes), file.role, fixture.config).flatMap((anatomy) => lines(title, anatomy));
    } catch (thrown) {
      if (!(thrown instanceof ExplainError)) throw thrown;
      return [`${title}: refused, ${thrown.code}`];
    }
  });
}

function lines(title: string, anatomy: GraphAnatomy): readonly string[] {
  const stages = stagesOf(anatomy);
  const found = stages.filter(({ stage }) => !isMissing(stage)).length;
  const blocks = anatomy.blocks.map(
    ({ stack, arrangement, parallel, feedForward }) =>
      `${stack} ${arrangement}${parallel ? ' parallel' : ''}${!isMissing(feedForward) && feedForward.gated ? ' gated' : ''}`,
  );
  const kinds = [...new Set(blocks)].map((block) => `${blocks.filter((other) => other === block).length} ${block}`);
  const branch = anatomy.branch ? ` ${anatomy.branch.subgraph.attribute}` : '';
  const reasons = new Map<string, string[]>();
  const note = (reason: string, where: string): void =>
    void reasons.set(reason, [...(reasons.get(reason) ?? []), where]);
  for (const { name, kind, layer, stage } of stages)
    if (isMissing(stage)) note(`${name}: ${stage.missing}`, layer < 0 ? kind : `${kind} ${layer}`);
  for (const { kind, layer, projection } of anatomy.blocks.flatMap((block) => block.attention)) {
    const weight = isMissing(projection) ? projection : projection.weight;
    if (isMissing(weight)) note(`output weight: ${weight.missing}`, `${kind} ${layer}`);
  }
  if (isMissing(anatomy.head.nodes)) note(`lens: ${anatomy.head.nodes.missing}`, 'file');
  return [
    `${title}${branch}: ${found} of ${stages.length} stages; ${kinds.join(', ')}`,
    ...[...reasons].map(([reason, where]) => `  ${reason} (${where.join(', ')})`),
  ];
}
