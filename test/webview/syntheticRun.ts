/** Explanations of any size and family with made weights, for what the bundled model cannot show: load, layout, families. */
import { decodingDefaults } from '../../src/engine/model/decodingDefaults';
import { AttentionStore } from '../../src/attention/attentionStore';
import type { KindInfo, ModelFamily, Token } from '../../src/attention/types';
import type { DecoderStep, MaskFill } from '../../src/protocol/engine';
import { EMPTY_SNAPSHOT, TestHost } from './host';
import { PROVIDER } from './realRun';

/** A small deterministic generator (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const token = (text: string, at: number, special = false, partial = false): Token => ({
  id: 100 + (at % 900),
  text,
  special,
  start: special ? -1 : at,
  end: special ? -1 : at + text.length,
  partial,
});

/** Splits text into pieces with their leading space, specials around them where given. */
export function tokens(text: string, first: string | null, last: string | null): readonly Token[] {
  const list: Token[] = [];
  if (first !== null) list.push(token(first, -1, true));
  for (const match of text.matchAll(/\s?\S+|\s+/gu)) list.push(token(match[0], match.index));
  if (last !== null) list.push(token(last, -1, true));
  return list;
}

/** Rows that sum to 1, with a sink on key 0 and a diagonal, each head of its own sharpness. */
function rows(next: () => number, heads: number, queries: number, keys: number, causal: boolean): Float32Array {
  const data = new Float32Array(heads * queries * keys);
  for (let head = 0; head < heads; head++) {
    const sharp = 1 + next() * 6;
    const shift = Math.floor(next() * 5) - 2;
    const sink = next() * 6;
    for (let query = 0; query < queries; query++) {
      const at = (head * queries + query) * keys;
      const last = causal ? query : keys - 1;
      let sum = 0;
      for (let key = 0; key <= last; key++) {
        const near = -Math.abs(key - query * (keys / queries) - shift) / sharp;
        const value = Math.exp(near * 1.5 + next() * 2 + (key === 0 ? sink - 2 : 0));
        data[at + key] = value;
        sum += value;
      }
      for (let key = 0; key <= last; key++) data[at + key] = (data[at + key] ?? 0) / sum;
    }
  }
  return data;
}

export interface SyntheticOptions {
  readonly family: ModelFamily;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads?: number;
  readonly source: readonly Token[];
  readonly target: readonly Token[];
  readonly generatedFrom?: number;
  readonly fills?: readonly MaskFill[];
  readonly seed?: number;
}

const DECODING = decodingDefaults({}, undefined, 64);

export function syntheticRun(options: SyntheticOptions): TestHost {
  const { family, layers, heads, source, target } = options;
  const kvHeads = options.kvHeads ?? heads;
  const next = random(options.seed ?? 7);
  const of = (kind: KindInfo['kind'], queries: KindInfo['queries'], keys: KindInfo['keys']): KindInfo => ({
    kind,
    layers,
    heads,
    kvHeads,
    queries,
    keys,
  });
  const kinds: readonly KindInfo[] = {
    'encoder-only': [of('encoder', 'source', 'source')],
    'decoder-only': [of('decoder', 'target', 'target')],
    'encoder-decoder': [
      of('encoder', 'source', 'source'),
      of('decoder', 'target', 'target'),
      of('cross', 'target', 'source'),
    ],
  }[family];
  const store = new AttentionStore(kinds, family === 'decoder-only');
  store.setSpecial(
    'source',
    source.map(({ special }) => special),
  );
  store.setSpecial(
    'target',
    target.map(({ special }) => special),
  );
  const length = { source: source.length, target: target.length };
  for (const info of kinds) {
    for (let layer = 0; layer < layers; layer++) {
      const queries = length[info.queries];
      const keys = length[info.keys];
      store.append(
        {
          kind: info.kind,
          layer,
          heads,
          queries,
          keys,
          data: rows(next, heads, queries, keys, info.kind === 'decoder'),
        },
        0,
      );
    }
  }
  const from = options.generatedFrom ?? target.length;
  const steps: DecoderStep[] = target.slice(from).map(({ id, text }, index) => {
    const first = 0.35 + next() * 0.6;
    const chosen = { id, text, probability: first };
    const others = [' the', ' a', ' of', ' and', ' to', ' in', ',', '.', ' is'].map((other, rank) => ({
      id: 5000 + rank,
      text: other,
      probability: ((1 - first) * 0.6) / 2 ** (rank + 1),
    }));
    return { index: from + index, chosen, rank: 1, top: [chosen, ...others], origin: 'greedy', milliseconds: 5 };
  });
  return new TestHost(
    {
      ...EMPTY_SNAPSHOT,
      title: 'example.py:12–40',
      model: {
        modelId: `synthetic:${family}`,
        name: `Synthetic ${family}`,
        fingerprint: `synthetic-${family}`,
        family,
        kinds,
        maxTokens: 4096,
        maxNewTokens: 64,
        vocabularySize: 32000,
        alignmentHeads: [],
        headDimension: 64,
        fillsMasks: family === 'encoder-only',
        chatTemplate: false,
        decoding: DECODING,
        languages: [],
        notes: ['model.onnx: 12 attention outputs tapped with 245 bytes, 0 candidates rejected.'],
      },
      provider: PROVIDER,
      source,
      target,
      steps,
      fills: options.fills ?? [],
      end: steps.length > 0 ? 'limit' : null,
      status: 'done',
    },
    store,
  );
}
