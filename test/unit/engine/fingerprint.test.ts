import { expect, test } from 'vitest';
import { fingerprintOf } from '../../../src/engine/model/fingerprint';

test('the same files have one fingerprint in any order; another byte, name or size has another', () => {
  const weights = new Uint8Array(100_000).fill(7);
  const other = weights.slice();
  other[0] = 8;
  const config = new TextEncoder().encode('{}');
  const own = fingerprintOf({ 'config.json': config, 'onnx/model.onnx': weights });
  expect(own).toMatch(/^[0-9a-f]{8}$/);
  expect(fingerprintOf({ 'onnx/model.onnx': weights, 'config.json': config })).toBe(own);
  for (const files of [
    { 'config.json': config, 'onnx/model.onnx': other },
    { 'config.json': config, 'onnx/model.onnx': weights.subarray(1) },
    { 'config.json': config, 'onnx/other.onnx': weights },
    { 'config.json': config },
  ])
    expect(fingerprintOf(files)).not.toBe(own);
});
