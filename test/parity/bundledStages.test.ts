/** The bundled model's stages in the extension against the network that it was trained as (models/recipe/stages.py, PyTorch). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ATTENTION_STAGES, BLOCK_STAGES, FILE_STAGES } from '../../src/onnx/anatomy/stages';
import { stageProbe } from '../../src/onnx/probe/stageProbe';
import type { AttentionKind } from '../../src/attention/types';
import { readFixture, type Reference } from './fixture';
import { byHeads, numbers, size, type Packed } from './packed';
import { runProbes } from './probeRun';
import { BUNDLED, largestDifference } from './reference';

interface Stages {
  readonly input_ids: readonly number[];
  readonly decoder_input_ids: readonly number[];
  /** `data` has every `every`th number of the tensor. */
  readonly stages: readonly (Packed & {
    readonly measure: string;
    readonly kind: AttentionKind;
    readonly layer: number;
    readonly every: number;
  })[];
}

test('every stage of the bundled model is what the recipe’s PyTorch network computes', async () => {
  const file = join(import.meta.dirname, '../fixtures/bundled/stages.json');
  const expected = JSON.parse(readFileSync(file, 'utf8')) as Stages;
  // Only the texts: what the maps and logits should be stands in the stages.
  const reference = { ...expected, attentions: {} } as unknown as Reference;
  const names = [...ATTENTION_STAGES, ...BLOCK_STAGES, ...FILE_STAGES];
  const { results } = await runProbes(
    { ...readFixture(BUNDLED), reference },
    {
      level: 'all',
      wishes: { probes: names.map((stage) => (anatomy, prefix) => stageProbe(anatomy, stage, prefix)), gates: false },
    },
  );
  const problems: string[] = [];
  for (const { measure, kind, layer, every, ...stage } of expected.stages) {
    const found = results.find((one) => one.measure === measure && one.kind === kind && one.layer === layer);
    if (!found) {
      problems.push(`${kind} ${layer} ${measure} is not there`);
      continue;
    }
    const wanted = numbers(stage);
    const some = byHeads(found, stage.shape).filter((_, place) => place % every === 0);
    const distance = largestDifference(some, wanted);
    if (some.length !== wanted.length || !(distance <= 2e-5 * size(wanted)))
      problems.push(`${kind} ${layer} ${measure}: ${distance} off, ${some.length} of ${wanted.length}`);
  }
  expect(problems).toEqual([]);
  // Each kind of stage, in each layer: 12 for a layer of the encoder, 20 for one of the decoder, and the logits.
  expect(new Set(expected.stages.map(({ measure }) => measure)).size).toBe(13);
}, 60_000);
