/** What does not fit its schema is refused before the engine does anything, and the engine lives on. */
import { afterAll, describe, expect, test } from 'vitest';
import { createService } from '../../../src/engine/service';
import { ENGINE_ANSWERS } from '../../../src/protocol/answers/engineAnswers';
import { arrivalsOf } from '../../../src/protocol/arrivals';
import { ENGINE_CHECKS } from '../../../src/protocol/checks';
import type { EngineApi, EngineEvents } from '../../../src/protocol/engine';
import { ENGINE_EVENTS } from '../../../src/protocol/events/engineEvents';
import { createClient, serve } from '../../../src/protocol/rpc';
import { channelPair } from '../channelPair';

type Method = keyof EngineApi;

const MODEL = { modelId: 'a', version: '1' };
const BYTES = new Uint8Array([1, 2]);
const ABOUT = { explanation: 'one' };
const FILES = { files: { 'config.json': BYTES } };
const PIECES = { ...ABOUT, ranges: [{ from: 0, to: 2 }], manner: 'removed' } as const;
const HEAD = { ...ABOUT, kind: 'cross', layer: 1, head: 0 } as const;
const STATION = { ...HEAD, stage: 'scores', token: 3, feature: 0 } as const;

/** For each method a request that fits, and changes of it that do not. */
const REQUESTS: {
  readonly [K in Method]: { readonly good: Parameters<EngineApi[K]>[0]; readonly bad: readonly object[] };
} = {
  findProvider: { good: { preference: 'auto', allowSoftwareAdapter: false }, bad: [{ preference: 'cuda' }] },
  compile: { good: { build: 'cpu', wasmGzip: BYTES, mjs: '' }, bad: [{ wasmGzip: [1, 2] }, { build: 'gpu' }] },
  start: { good: { build: 'jspi' }, bad: [{ build: '' }] },
  use: { good: MODEL, bad: [{ modelId: 7 }] },
  load: {
    good: {
      ...MODEL,
      name: 'A',
      ...FILES,
      coming: { 'model.onnx': 5e9 },
      text: { ...ABOUT, text: 'x', windowStart: 0 },
      trial: { version: '1', kept: undefined },
    },
    bad: [
      { files: { 'config.json': 'text' } },
      { files: null },
      { coming: { 'model.onnx': -1 } },
      { text: { ...ABOUT, text: 'x' } },
      { sentencesBeyond: 0.5 },
      { trial: {} },
    ],
  },
  file: { good: { ...MODEL, path: 'model.onnx', bytes: BYTES }, bad: [{ bytes: 'text' }, { path: null }] },
  gated: { good: { model: MODEL, ...FILES }, bad: [{ model: null }, { files: [BYTES] }] },
  explain: {
    good: { ...ABOUT, model: MODEL, text: 'A cat.', windowStart: 0, masked: [1], written: 'code' },
    bad: [
      { model: 'a' },
      { text: null },
      { windowStart: -1 },
      { masked: [0.5] },
      { chat: 'yes' },
      { pair: { first: { start: 0, end: 1 } } },
      { written: 'verse' },
      { intervention: { ranges: [{ from: 0, to: -1 }], manner: 'removed', off: [] } },
      { intervention: { ranges: [], manner: 'hidden', off: [] } },
      { intervention: { ranges: [], manner: 'removed', off: [{ kind: 'encoder', layer: 0 }] } },
    ],
  },
  generate: {
    good: { ...ABOUT, maxSteps: Number.MAX_SAFE_INTEGER },
    bad: [{ maxSteps: Infinity }, { decoding: { doSample: true } }],
  },
  branch: { good: { ...ABOUT, step: 0, token: -1 }, bad: [{ token: -2 }, { step: '0' }] },
  force: { good: { ...ABOUT, text: '' }, bad: [{ text: ['Bonjour'] }] },
  openBeam: { good: { ...ABOUT, token: 0 }, bad: [{ token: -1 }] },
  head: {
    good: HEAD,
    bad: [{ layer: NaN }, { source: { type: 'heads', by: 'sum', heads: [] } }, { of: { source: 1 } }],
  },
  tokenWeights: {
    good: { ...ABOUT, sequence: 'source', indices: [0], rollout: 2 },
    bad: [{ indices: 0 }, { sequence: 'both' }, { measure: 'difference' }],
  },
  atlas: {
    good: { ...ABOUT, kind: 'encoder', maxCell: 32, hideSpecial: true },
    bad: [{ maxCell: 1.5 }, { kind: 'x' }],
  },
  measure: { good: { ...ABOUT, measure: 'moved', ...FILES }, bad: [{ measure: 'weight' }, { files: [BYTES] }] },
  roles: { good: { ...ABOUT, kind: 'decoder' }, bad: [{ kind: '__proto__' }] },
  measureHeads: { good: { model: MODEL, parts: 'all' }, bad: [{ parts: 'some' }, { model: null }] },
  alignment: { good: { ...ABOUT, source: 'head', layer: 0, head: 0, reading: 'fed' }, bad: [{ reading: 'read' }] },
  probeText: {
    good: { ...ABOUT, probes: ['lens'], gates: { cross: [1, 0] }, rows: [0] },
    bad: [{ probes: 'lens' }, { gates: { cross: [Infinity] } }, { rows: [0.5] }, { probes: new Array(65).fill('') }],
  },
  headsOff: {
    good: { ...ABOUT, off: [{ kind: 'cross', layer: 0, head: 1 }], cut: [], ...FILES },
    bad: [{ off: 'all' }, { cut: [{ kind: 'cross' }] }],
  },
  headCosts: { good: { ...ABOUT, kind: 'encoder' }, bad: [{ label: -1 }] },
  lesson: { good: STATION, bad: [{ stage: 'exam' }, { play: { change: 'token', text: '' } }] },
  leaveOut: { good: PIECES, bad: [{ ranges: [[0, 2]] }, { method: 'best' }] },
  inputWithout: { good: PIECES, bad: [{ manner: 'hidden' }] },
  lens: { good: { ...ABOUT, from: 0, count: 24 }, bad: [{ count: 0 }, { count: 1e6 }] },
  attribution: { good: { ...ABOUT, index: 3, token: 17, other: null }, bad: [{ other: undefined }, { index: -1 }] },
  release: { good: ABOUT, bad: [{ explanation: 5 }] },
};

const { near, far, close } = channelPair();
const server = serve<EngineApi, EngineEvents>(
  far,
  createService((event, value) => server.emit(event, value)),
  ENGINE_CHECKS,
);
const { api } = createClient<EngineApi, EngineEvents>(near, arrivalsOf(ENGINE_ANSWERS, ENGINE_EVENTS));
afterAll(close);

const ask = (method: Method, request: unknown): Promise<unknown> => api[method](request as never);

describe.each(Object.keys(REQUESTS) as Method[])('%s', (method) => {
  const { good, bad } = REQUESTS[method];

  test('one that fits passes its check', () => {
    expect(() => ENGINE_CHECKS[method](good)).not.toThrow();
  });

  test.each([...bad.map((change) => ({ ...good, ...change })), null, undefined, 'x', [], {}])(
    'is refused, and what is asked next is answered: %o',
    async (request) => {
      await expect(ask(method, request)).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
        message: `The engine was asked for something that does not fit (${method}); explain the text again.`,
      });
      expect(await ask('use', MODEL)).toBeNull();
    },
  );
});

test('of bytes nothing but what they are is looked at', () => {
  const unread = new Proxy(new Uint8Array(1), {
    get: () => {
      throw new Error('looked into');
    },
  });
  expect(() => ENGINE_CHECKS.file({ ...MODEL, path: 'model.onnx', bytes: unread })).not.toThrow();
  expect(() => ENGINE_CHECKS.load({ ...MODEL, name: 'A', files: { a: unread } })).not.toThrow();
});
