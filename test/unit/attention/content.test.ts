import { describe, expect, test } from 'vitest';
import { contentKey, contentOf, hasContent } from '../../../src/attention/content';
import { AttentionStore } from '../../../src/attention/attentionStore';

const ids = (...list: number[]) => list.map((id) => ({ id }));

describe('of which tokens an answer is', () => {
  test('a text has its content and that of every text it has grown from, and no other', () => {
    const content = contentOf(ids(1, 2), ids(3, 4));
    expect(hasContent(content, ids(1, 2), ids(3, 4))).toBe(true);
    expect(hasContent(content, ids(1, 2), ids(3, 4, 5))).toBe(true);
    expect(hasContent(content, ids(1, 2), ids(3))).toBe(false);
    expect(hasContent(content, ids(1, 2), ids(3, 5))).toBe(false);
    expect(hasContent(content, ids(2, 1), ids(3, 4))).toBe(false);
    // The same ids cut at another place.
    expect(hasContent(contentOf(ids(1, 2, 3), ids(4)), ids(1, 2), ids(3, 4))).toBe(false);
    expect(contentKey(contentOf(ids(1), ids(2, 3)))).not.toBe(contentKey(contentOf(ids(1, 2), ids(3))));
  });
});

describe('weights of the first tokens only', () => {
  const store = new AttentionStore(
    [{ kind: 'decoder', layers: 1, heads: 1, kvHeads: 1, queries: 'target', keys: 'target' }],
    false,
  );
  const row = (data: readonly number[], from: number): void =>
    store.append(
      { kind: 'decoder', layer: 0, heads: 1, queries: 1, keys: data.length, data: new Float32Array(data) },
      from,
    );
  row([1], 0);
  row([0.5, 0.5], 1);
  row([0.2, 0.2, 0.6], 2);

  test('are those that there were when only these were written', () => {
    const cut = store.upTo({ source: 0, target: 2 });
    expect([cut.rows('decoder'), cut.keys('decoder')]).toEqual([2, 2]);
    expect([...cut.kind('decoder').headRows(0, 0)]).toEqual([1, 0, 0.5, 0.5]);
    expect([...(cut.tokenWeights('target', [0])[1]?.data ?? [])]).toEqual([1, 0.5]);
    expect(cut.atlas({ kind: 'decoder', maxCell: 8, hideSpecial: false }).data).toEqual(
      new Uint8Array([255, 0, 128, 128]),
    );
  });

  test('cut a block that came whole, and leave the store as it is', () => {
    const whole = new AttentionStore(
      [{ kind: 'decoder', layers: 1, heads: 2, kvHeads: 2, queries: 'target', keys: 'target' }],
      false,
    );
    const data = new Float32Array([1, 0, 0.5, 0.5, 1, 0, 0.25, 0.75]);
    whole.append({ kind: 'decoder', layer: 0, heads: 2, queries: 2, keys: 2, data }, 0);
    expect([...whole.upTo({ source: 0, target: 1 }).kind('decoder').headRows(0, 1)]).toEqual([1]);
    expect(whole.rows('decoder')).toBe(2);
    expect(whole.upTo({ source: 0, target: 5 })).toBe(whole);
  });

  test('a weight of 1.002, as half precision may give, is drawn as 1', () => {
    const half = new AttentionStore(
      [{ kind: 'encoder', layers: 1, heads: 1, kvHeads: 1, queries: 'source', keys: 'source' }],
      false,
    );
    half.append({ kind: 'encoder', layer: 0, heads: 1, queries: 1, keys: 1, data: new Float32Array([1.002]) }, 0);
    expect([...half.head({ kind: 'encoder', layer: 0, head: 0 }).data]).toEqual([255]);
    expect([...half.atlas({ kind: 'encoder', maxCell: 8, hideSpecial: false }).data]).toEqual([255]);
  });
});
