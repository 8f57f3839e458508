import type { Made } from '../../src/lesson/made';
import { wrapped } from '../../src/lesson/relativeNumbers';

/** What a made number comes to when it is computed again. */
export function valueOf({ step, terms, rest, bias, scale, from }: Made, value: number): number {
  const [a = 0, b = 0, c = 0, d = 1, e = 0] = from;
  switch (step) {
    case 'sum':
    case 'scaled':
      return (terms.reduce((sum, { product }) => sum + product, 0) + rest) * scale + bias;
    case 'softmax':
      return b / c;
    case 'plus':
      return a + b + c;
    case 'norm':
      return ((a - b) / c) * d + e;
    case 'mask':
      return value < -1e4 ? value : a + b;
    case 'angle':
      return value + wrapped(a * b - value);
    case 'lookup':
    case 'distance':
      return value;
  }
}
