import { describe, expect, it } from 'vitest';
import { assertSelfTest, selfTest, type SelfTestOptions } from '../../../src/attention/selfTest';

const OPTIONS: SelfTestOptions = {
  label: 'decoder_attentions.0',
  heads: 1,
  queries: 2,
  keys: 3,
  layout: 'bhqk',
  causal: true,
  mayLoseMass: false,
  precision: 'float32',
};
const GOOD = Float32Array.of(0.25, 0.75, 0, 0.5, 0.25, 0.25);
const check = (
  weights: Float32Array,
  options: Partial<SelfTestOptions> = {},
  shape: readonly number[] = [1, 1, 2, 3],
): string[] => selfTest(weights, shape, { ...OPTIONS, ...options });

describe('the self-test', () => {
  it('passes attention: rows sum to 1, nothing looks ahead, the past is visible', () =>
    expect(check(GOOD)).toEqual([]));

  it('knows flat layouts', () => {
    expect(check(GOOD, { layout: 'flat' }, [1, 2, 3])).toEqual([]);
    expect(check(GOOD, { layout: 'flat' })).toHaveLength(1);
  });

  it.each([
    ['another number of dimensions', GOOD, {}, [2, 3]],
    ['a batch', Float32Array.from([...GOOD, ...GOOD]), {}, [2, 1, 2, 3]],
    ['another number of heads', GOOD, { heads: 4 }, [1, 1, 2, 3]],
    ['another length', GOOD, { keys: 4 }, [1, 1, 2, 3]],
    ['fewer weights than it says', GOOD.slice(1), {}, [1, 1, 2, 3]],
    ['a negative weight', Float32Array.of(1.1, -0.1, 0, 0.5, 0.25, 0.25), {}, [1, 1, 2, 3]],
    ['a weight that is no number', Float32Array.of(Number.NaN, 1, 0, 0.5, 0.25, 0.25), {}, [1, 1, 2, 3]],
    ['a row that is no distribution', Float32Array.of(0.5, 0.4, 0, 0.5, 0.25, 0.25), {}, [1, 1, 2, 3]],
    ['a row of more than 1', Float32Array.of(0.5, 0.6, 0, 0.5, 0.25, 0.25), { mayLoseMass: true }, [1, 1, 2, 3]],
    ['a look ahead', Float32Array.of(0.25, 0.5, 0.25, 0.5, 0.25, 0.25), {}, [1, 1, 2, 3]],
  ])('fails %s', (_, weights, options, shape) => {
    const failures = check(weights, options, shape);
    expect(failures.length).toBeGreaterThan(0);
    expect(() => assertSelfTest(failures, 'model.onnx')).toThrow(
      expect.objectContaining({ code: 'SELFTEST_FAILED', detail: failures.join('\n') }),
    );
  });

  it('lets rows lose mass where the graph takes it, and half precision round', () => {
    expect(check(Float32Array.of(0, 0, 0, 0.5, 0.25, 0.1), { mayLoseMass: true })).toEqual([]);
    expect(check(Float32Array.of(0.25, 0.7485, 0, 0.5, 0.25, 0.25), { precision: 'float16' })).toEqual([]);
    expect(() => assertSelfTest([], 'model.onnx')).not.toThrow();
  });
});
