import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isCut } from '../../../src/onnx/wire/cut';

test('a file is cut where its bytes end before its fields do, wherever that is', () => {
  const whole = new Uint8Array(
    readFileSync(join(import.meta.dirname, '../../fixtures/transformers/sdpa-bert/model.onnx')),
  );
  expect(isCut(whole)).toBe(false);
  for (const part of [0.01, 0.3, 0.5, 0.9, 0.999])
    expect(isCut(whole.subarray(0, Math.floor(whole.length * part))), `${part}`).toBe(true);
  expect(isCut(new TextEncoder().encode('<html>Not found</html>'))).toBe(false);
});
