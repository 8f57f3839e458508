/** `npm run inspect`: its verdict is the engine's own. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { variantsAt } from '../inspect/modelFolder';
import { wouldLoad } from '../inspect/wouldLoad';
import { BUNDLED, FIXTURES, readFolder } from './reference';

describe('would load', () => {
  test('the bundled model, looked at and run', async () => {
    const [variant, ...others] = variantsAt(BUNDLED);
    expect([variant?.name, others.length]).toEqual(['fp32', 0]);
    const config = JSON.parse(readFileSync(join(BUNDLED, 'config.json'), 'utf8')) as Readonly<Record<string, number>>;
    for (const run of [false, true]) {
      const { refusal, lines } = await wouldLoad(variant?.files() ?? {}, run);
      expect(refusal).toBeNull();
      expect(lines.join('\n')).toContain(`tokenizer: ${config['vocab_size'] ?? 0} tokens`);
      expect(lines.join('\n')).toContain(
        run ? `self-test: passed (encoder-decoder; encoder ${config['encoder_layers'] ?? 0} × 8` : 'not run',
      );
    }
  });

  test.each([
    ['without a tokenizer', 'sdpa-bert', {}, 'TOKENIZER_MISSING'],
    ['with a broken config', 'sdpa-bert', { 'config.json': '{"a": nope}' }, 'MODEL_CONFIG_INVALID'],
    [
      'with another number of layers than its config says',
      'sdpa-bert',
      { 'config.json': '{"num_hidden_layers":7}' },
      'COUNT_MISMATCH',
    ],
  ])('not %s', async (_what, name, more: Readonly<Record<string, string>>, code) => {
    const tokenizer = code === 'COUNT_MISMATCH' ? { 'tokenizer.json': readFolder(BUNDLED)['tokenizer.json'] } : {};
    const changed = Object.entries(more).map(([path, text]) => [path, new TextEncoder().encode(text)] as const);
    const files = { ...readFolder(join(FIXTURES, name)), ...tokenizer, ...Object.fromEntries(changed) };
    const { refusal } = await wouldLoad(files as Readonly<Record<string, Uint8Array>>, false);
    expect(refusal?.code).toBe(code);
  });
});

test('without a tokenizer the rest is looked at all the same, and told', async () => {
  const sound = await wouldLoad(readFolder(join(FIXTURES, 'sdpa-bert')), true);
  expect([sound.refusal?.code, sound.also]).toEqual(['TOKENIZER_MISSING', null]);
  expect(sound.lines.join('\n')).toContain('self-test: passed (encoder-only; encoder 2 × 4)');
  const broken = await wouldLoad(readFolder(join(FIXTURES, 'eager-longformer')), false);
  expect([broken.refusal?.code, broken.also?.code]).toEqual(['TOKENIZER_MISSING', 'LAYOUT_UNSUPPORTED']);
});

describe('the command', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'inspect-'));
    writeFileSync(join(folder, 'model.onnx'), 'not a model');
    writeFileSync(join(folder, 'config.json'), '{\n"a": nope}');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('ends with the verdict, and never in a raw exception', () => {
    const run = (path: string): string[] => {
      const { stdout, stderr } = spawnSync(process.execPath, ['test/inspect.mjs', path], { encoding: 'utf8' });
      expect(stderr).not.toMatch(/\n\s+at /);
      return stdout.trimEnd().split('\n');
    };
    expect(run(folder).at(-1)).toMatch(
      /^would load: no, because .*config\.json.*line 2, column 6.*MODEL_CONFIG_INVALID/,
    );
    // A folder by the name of a model's file is none, and an empty one holds nothing that would load.
    const empty = join(folder, 'empty');
    mkdirSync(join(empty, 'model.onnx'), { recursive: true });
    // Nor does a link to what was deleted, or to itself.
    symlinkSync('deleted.onnx', join(empty, 'model_fp16.onnx'));
    symlinkSync('round.onnx', join(empty, 'round.onnx'));
    expect(run(empty).at(-1)).toBe('would load: no, because there are no ONNX files that go together');
    const lines = run(BUNDLED);
    expect(lines.at(-1)).toBe('would load: yes');
    expect(lines.join('\n')).toMatch(/input attention_mask: .*mask \(1 is seen\)/);
    expect(lines.join('\n')).toMatch(/output logits: .*taken as the result/);
    // By block, each stage with its tensor, or why it is not there; a hybrid model's block with its place among the layers.
    const hybrid = run(join(FIXTURES, 'hybrid-bamba')).join('\n');
    expect(hybrid).toContain('decoder block 0 (layer 1 of the model, counted from 0): pre-norm');
    expect(hybrid).toMatch(/headOutput +matmul_1 \[heads\]/);
    expect(hybrid).toMatch(/segments +– the model adds no segment embeddings/);
  });
});
