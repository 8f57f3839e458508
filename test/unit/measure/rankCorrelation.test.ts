import { describe, expect, it } from 'vitest';
import { rankCorrelation } from '../../../src/measure/rankCorrelation';

describe('Spearman’s rank correlation', () => {
  it('is 1 and -1 for the same order and the reverse, whatever the sizes', () => {
    expect(rankCorrelation([1, 2, 30], [0.1, 0.2, 0.21])).toBeCloseTo(1, 12);
    expect(rankCorrelation([1, 2, 30], [5, 4, -9])).toBeCloseTo(-1, 12);
  });

  it('is what scipy.stats.spearmanr gives, ties included', () => {
    expect(
      rankCorrelation([106, 100, 86, 101, 99, 103, 97, 113, 112, 110], [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]),
    ).toBeCloseTo(-0.17575757575757575, 12);
    expect(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 3])).toBeCloseTo(0.8333333333333334, 12);
  });

  it('is nothing where there is nothing to order', () => {
    expect(rankCorrelation([1, 2], [1, 2])).toBeNaN();
    expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNaN();
  });
});
