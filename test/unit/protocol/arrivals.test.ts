/** What comes back over a channel is what its method answers, or its event tells; anything else is shown nowhere. */
import { describe, expect, it, test } from 'vitest';
import { ExplainError } from '../../../src/errors';
import { ENGINE_ANSWERS, type EngineAnswers } from '../../../src/protocol/answers/engineAnswers';
import { PANEL_ANSWERS } from '../../../src/protocol/answers/panelAnswers';
import { arrivalsOf } from '../../../src/protocol/arrivals';
import { DEFAULT_VIEW } from '../../../src/protocol/defaultView';
import type { EngineApi, EngineEvents } from '../../../src/protocol/engine';
import { ENGINE_EVENTS } from '../../../src/protocol/events/engineEvents';
import { PANEL_EVENTS, type PanelEvents } from '../../../src/protocol/events/panelEvents';
import type { ExplanationSnapshot, PanelState } from '../../../src/protocol/panel';
import { createClient, serve, type Service } from '../../../src/protocol/rpc';
import { channelPair } from '../channelPair';

/** A value that fits, and changes of it that do not. */
interface Examples<Value> {
  readonly good: Value;
  readonly bad: readonly object[];
}

const FLOATS = Float32Array.of(0.25, NaN);
const OF = { source: 3, target: 2, hash: 7 };
const TOKEN = { id: 5, text: 'cat', special: false, start: 0, end: 3, partial: false };
const NAMED = { id: 5, text: 'cat' };
const LIKELY = { ...NAMED, probability: 0.5 };
const STEP = { index: 1, chosen: LIKELY, rank: 1, top: [LIKELY], origin: 'greedy', milliseconds: 7 } as const;
const HEAD = { kind: 'cross', layer: 0, head: 1 } as const;
const MODEL: EngineAnswers['load'] = {
  modelId: 'a',
  name: 'A',
  fingerprint: 'f',
  family: 'encoder-decoder',
  kinds: [{ kind: 'cross', layers: 2, heads: 8, kvHeads: 8, queries: 'target', keys: 'source' }],
  maxTokens: 512,
  maxNewTokens: 256,
  vocabularySize: 12_000,
  headDimension: 32,
  alignmentHeads: [HEAD],
  fillsMasks: false,
  chatTemplate: false,
  decoding: {
    doSample: false,
    temperature: 1,
    topK: 50,
    topP: 1,
    minP: 0,
    seed: 0,
    numBeams: 1,
    lengthPenalty: 1,
    earlyStopping: false,
    repetitionPenalty: 1,
    noRepeatNgram: 0,
    minNewTokens: 0,
    maxNewTokens: 256,
    forcedFirst: -1,
    suppressed: [],
  },
  languages: [],
  notes: [''],
};
const GENERATED = { end: 'limit', target: [TOKEN], steps: [STEP], beams: null } as const;
const COSTS = { of: OF, kind: 'cross', layers: 1, heads: 2, plain: -0.5, costs: FLOATS, layerCosts: FLOATS } as const;
const LEFT_OUT: NonNullable<EngineAnswers['leaveOut']> = {
  of: OF,
  sequence: 'source',
  ranges: [{ from: 0, to: 1 }],
  manner: 'removed',
  outputSequence: 'target',
  outputs: [1],
  plain: -1,
  costs: FLOATS,
  done: 1,
  fit: { masks: 2, heldOut: 0, correlation: null },
  gaps: [],
  agreement: { kind: 'cross', layers: 1, heads: 2, correlations: FLOATS },
};
const CHANGED = { of: OF, sequence: 'target', tokens: [], written: [TOKEN] } as const;
const BEAMS: EngineEvents['beams']['sofar'] = {
  begins: 0,
  tokens: [{ ...NAMED, parent: -1, logProbability: -0.1, sum: -0.1 }],
  running: [0],
  ended: [],
  opened: -1,
  depth: 1,
  room: 20,
  isDone: false,
  numBeams: 4,
  lengthPenalty: 1,
};
const TENSOR = { name: 'q', rows: 1, columns: 2, first: 0, data: FLOATS };

const ANSWERS: { readonly [Method in keyof EngineAnswers]: Examples<EngineAnswers[Method]> } = {
  findProvider: {
    good: { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: 'None.' },
    bad: [{ provider: 'cuda' }, { threads: -1 }, { maxBufferBytes: NaN }],
  },
  compile: { good: undefined, bad: [{}] },
  start: { good: undefined, bad: [{}] },
  use: { good: null, bad: [{}] },
  load: {
    good: MODEL,
    bad: [{ kinds: [{ ...MODEL.kinds[0], layers: 1.5 }] }, { decoding: { doSample: true } }, { task: 'chess' }],
  },
  file: { good: undefined, bad: [{}] },
  gated: { good: true, bad: [{}] },
  explain: {
    good: {
      explanation: 'one',
      window: { totalTokens: 3, start: 0, end: 3, startOffset: 0, endOffset: 9 },
      source: [TOKEN],
      target: [],
      fills: [{ index: 0, top: [LIKELY], original: null }],
      milliseconds: 7,
    },
    bad: [
      { source: [{ ...TOKEN, start: -2 }] },
      { source: [{ ...TOKEN, joins: false }] },
      { window: null },
      { fills: [{ index: 0, top: [{ ...LIKELY, probability: NaN }], original: null }] },
      { answer: { task: 'labels', result: { type: 'verse' }, gaps: [] } },
      { intervention: { ranges: [], manner: 'hidden', off: [], pieces: [] } },
    ],
  },
  generate: { good: GENERATED, bad: [{ end: 'bored' }, { steps: [{ ...STEP, rank: null }] }, { target: {} }] },
  branch: { good: GENERATED, bad: [{ beams: undefined }] },
  force: { good: GENERATED, bad: [{ target: [7] }] },
  openBeam: { good: { ...GENERATED, beams: BEAMS }, bad: [{ beams: { ...BEAMS, numBeams: '4' } }] },
  head: {
    good: {
      ...HEAD,
      queries: 2,
      keys: 1,
      data: new Uint8Array(2),
      measure: 'weight',
      source: { type: 'head' },
      axis: 'tokens',
    },
    bad: [{ data: [0, 255] }, { measure: 'guess' }, { fit: { measure: 'moved', most: Infinity, plain: false } }],
  },
  tokenWeights: {
    good: [{ kind: 'cross', role: 'key', layers: 1, heads: 1, length: 2, data: FLOATS }],
    bad: [{}],
  },
  atlas: {
    good: {
      kind: 'cross',
      layers: 1,
      heads: 2,
      rows: 1,
      cols: 1,
      data: new Uint8Array(2),
      sinkMass: FLOATS,
      entropy: FLOATS,
    },
    bad: [{ data: FLOATS }, { sinkMass: new Uint8Array(2) }],
  },
  measure: {
    good: { measure: 'moved', of: OF, kinds: [{ kind: 'cross', fit: null, reason: 'none' }], milliseconds: 1 },
    bad: [{ measure: 'weight' }, { kinds: [{ kind: 'cross' }] }],
  },
  roles: {
    good: {
      kind: 'encoder',
      layers: 1,
      heads: 1,
      scores: {
        previous: [0.5],
        next: [null],
        same: [0],
        sink: [0],
        punctuation: [0],
        diagonal: [0],
        duplicate: [0],
        induction: [0],
        entropy: [0],
        distance: [0],
      },
    },
    bad: [{ scores: { previous: [0.5] } }],
  },
  measureHeads: { good: { sentences: 50, roles: [], alignment: null }, bad: [{ sentences: -1 }] },
  alignment: {
    good: {
      source: 'head',
      layer: 0,
      head: 0,
      reading: 'fed',
      sourceWords: 1,
      targetWords: 2,
      readWords: 2,
      data: FLOATS,
    },
    bad: [{ reading: 'aloud' }, { data: null }],
  },
  probeText: {
    good: {
      tensors: [{ measure: 'lens', kind: 'decoder', layer: -1, layout: 'logits', dims: [1, 2], data: FLOATS }],
      gaps: [],
      logits: null,
      milliseconds: 1,
    },
    bad: [{ tensors: [{ measure: 'lens' }] }, { gaps: ['none'] }],
  },
  headsOff: {
    good: { ...CHANGED, off: [HEAD], cut: [{ ...HEAD, layer: -1, queries: [0], keys: [1] }], milliseconds: 1 },
    bad: [{ off: [{}] }, { tokens: [{ index: 1, before: -1, after: -Infinity, likeliest: LIKELY }] }],
  },
  headCosts: { good: { ...COSTS, done: 1, gaps: [] }, bad: [{ costs: [0.5] }, { plain: null }] },
  lesson: {
    good: {
      tensors: [TENSOR],
      checks: [{ name: 'q', difference: null, largest: 1, reason: '' }],
      numbers: { scale: 0.25 },
      top: [{ id: 1, text: 'a' }],
      near: [{ id: 1, text: 'a', cosine: -1 }],
      before: [],
      swapped: null,
      absent: [{ kind: 'cross', stage: 'mask', reason: 'none' }],
      activation: 'relu',
      gaps: [],
      milliseconds: 1,
    },
    bad: [{ numbers: { scale: NaN } }, { absent: [{ kind: 'cross', stage: 'exam', reason: '' }] }],
  },
  leaveOut: { good: LEFT_OUT, bad: [{ manner: 'hidden' }, { fit: { masks: 2, heldOut: 0, correlation: NaN } }] },
  inputWithout: { good: { ...CHANGED, ranges: [{ from: 0, to: 1 }], manner: 'replaced' }, bad: [{ written: null }] },
  lens: {
    good: {
      of: OF,
      sequence: 'target',
      length: 2,
      layers: [-1, 0],
      rows: [{ index: 0, came: NAMED, cells: [{ top: [LIKELY], came: { probability: 1, rank: 1 } }] }],
      gaps: [],
      milliseconds: 1,
    },
    bad: [{ layers: [-2] }, { rows: [{ index: 0, came: null }] }],
  },
  attribution: {
    good: {
      of: OF,
      sequence: 'target',
      index: 1,
      row: 0,
      token: NAMED,
      other: null,
      logit: 3.5,
      kinds: [{ kind: 'cross', layers: 1, heads: 1, keys: 2, values: FLOATS }],
      rest: { embeddings: 0, feedForward: FLOATS, constants: 0, rounding: 0 },
      milliseconds: 1,
    },
    bad: [{ logit: NaN }, { rest: { embeddings: 0 } }],
  },
  release: { good: undefined, bad: [{}] },
};

const EVENTS: { readonly [Event in keyof EngineEvents]: Examples<EngineEvents[Event]> } = {
  alive: { good: { lock: null }, bad: [{ lock: 1 }] },
  progress: { good: { phase: 'Loading', fraction: -1 }, bad: [{ fraction: NaN }] },
  measuring: { good: { explanation: 'one', measure: 'moved', fraction: 0.5 }, bad: [{ measure: 'weight' }] },
  costs: { good: { explanation: 'one', sofar: { ...COSTS, done: 0, gaps: [] } }, bad: [{ sofar: {} }] },
  leftOut: { good: { explanation: 'one', sofar: LEFT_OUT }, bad: [{ sofar: null }] },
  beams: { good: { explanation: 'one', sofar: BEAMS }, bad: [{ sofar: { ...BEAMS, ended: [0] } }] },
  step: { good: { explanation: 'one', step: STEP, token: TOKEN }, bad: [{ token: 5 }, { completed: undefined }] },
  tokens: { good: { explanation: 'one', source: [TOKEN], target: [] }, bad: [{ target: null }] },
  tested: { good: { key: 'k', kinds: [], fillsMasks: false, notes: [] }, bad: [{ kinds: [{}] }] },
  marks: { good: { marks: [{ name: 'a', time: 1 }] }, bad: [{ marks: [1] }] },
  making: { good: { bytes: 15_000_000 }, bad: [{ bytes: -1 }, { bytes: 'many' }] },
  lost: { good: { message: 'Gone.' }, bad: [{ message: null }] },
};

const SNAPSHOT: ExplanationSnapshot = {
  id: 'one',
  revision: 3,
  status: 'done',
  progress: null,
  error: { code: 'OUT_OF_MEMORY', message: 'Too much.' },
  title: 'a.md:1',
  stale: false,
  model: MODEL,
  provider: ANSWERS.findProvider.good,
  window: ANSWERS.explain.good.window,
  source: [TOKEN],
  target: [TOKEN],
  early: false,
  steps: [STEP],
  beams: BEAMS,
  fills: [],
  answer: null,
  masked: [],
  chat: false,
  specialsAsText: false,
  pair: 'swapped',
  intervention: {
    ranges: [{ from: 0, to: 1 }],
    manner: 'removed',
    off: [{ kind: 'cross', layer: 0, head: 1 }],
    pieces: ['a'],
  },
  decoding: null,
  end: 'forced',
  timings: { load: 1, encode: 2, generate: 3 },
};
const STATE: PanelState = {
  explanation: SNAPSHOT,
  view: DEFAULT_VIEW,
  focus: null,
  recipe: { anything: true },
  scores: null,
  pinned: { id: 'two', map: { ...HEAD, source: { type: 'head' } }, snapshot: null },
  costs: null,
  leftOut: LEFT_OUT,
};
const CHANGE = { explanation: 'one', from: 3, revision: 4, set: { stale: true }, append: { target: [TOKEN] } };

const TOLD: { readonly [Event in keyof PanelEvents]: Examples<PanelEvents[Event]> } = {
  explanation: {
    good: { type: 'change', change: CHANGE },
    bad: [
      { change: { ...CHANGE, set: { stale: undefined } } },
      { change: { ...CHANGE, append: { steps: [TOKEN] } } },
      { type: 'whole', snapshot: { ...SNAPSHOT, error: { code: 'OOPS', message: '' } } },
      { type: 'whole' },
    ],
  },
  view: { good: DEFAULT_VIEW, bad: [{ version: 2 }] },
  focus: { good: { explanation: 'one', focus: null }, bad: [{ focus: { sequence: 'both' } }] },
  measuring: EVENTS.measuring,
  costs: EVENTS.costs,
  leftOut: EVENTS.leftOut,
  measured: { good: { costs: null, leftOut: LEFT_OUT }, bad: [{ costs: 0 }] },
  recipe: { good: null, bad: [] },
  scores: { good: null, bad: [{ sentences: 1 }] },
  pinned: { good: STATE.pinned, bad: [{ id: 7 }] },
};

/** The good one with a change; where that is no object, the change alone. */
const wrongOnes = ({ good, bad }: Examples<unknown>): unknown[] =>
  bad.map((change) => (typeof good === 'object' && !Array.isArray(good) ? { ...good, ...change } : change));

type Check = (value: unknown) => void;
const checkEach = (checks: Readonly<Record<string, Check>>, examples: Readonly<Record<string, Examples<unknown>>>) => {
  expect(Object.keys(checks).sort()).toEqual(Object.keys(examples).sort());
  for (const [name, one] of Object.entries(examples)) {
    expect(() => checks[name]?.(one.good), name).not.toThrow();
    for (const wrong of wrongOnes(one))
      expect(() => checks[name]?.(wrong), `${name}: ${JSON.stringify(wrong)}`).toThrow(ExplainError);
  }
};

const ENGINE = arrivalsOf(ENGINE_ANSWERS, ENGINE_EVENTS);
const PANEL = arrivalsOf(PANEL_ANSWERS, PANEL_EVENTS);

describe('each has a schema that knows its own', () => {
  test('what the engine answers', () => checkEach(ENGINE.answers, ANSWERS));
  test('what the engine tells', () => checkEach(ENGINE.events, EVENTS));
  test('what the host tells', () => checkEach(PANEL.events, TOLD));
  test('all that a panel shows', () => {
    const { state } = PANEL.answers;
    expect(() => state(STATE)).not.toThrow();
    // VS Code carries messages to webviews as JSON: what is undefined does not arrive.
    expect(() => state(JSON.parse(JSON.stringify({ ...STATE, leftOut: null })))).not.toThrow();
    for (const name of Object.keys(STATE).filter((field) => field !== 'recipe'))
      expect(() => state({ ...STATE, [name]: 7 }), name).toThrow(ExplainError);
  });
});

describe('over a channel', () => {
  /** An engine that answers this, whatever it is asked. */
  const answering = (answer: unknown) => {
    const { near, far, close } = channelPair();
    const service = new Proxy({} as Service<EngineApi>, {
      get: () => () => Promise.resolve(answer),
      getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true }),
    }) as unknown as EngineApi;
    const server = serve<EngineApi, EngineEvents>(far, service);
    return { client: createClient<EngineApi, EngineEvents>(near, ENGINE), server, close };
  };

  it('a wrong answer rejects its call, and says where it is wrong without saying what it was', async () => {
    const wrong = { ...GENERATED, steps: [{ ...STEP, chosen: { ...LIKELY, text: 7, secret: 'words' } }] };
    const { client, close } = answering(wrong);
    const asked = client.api.generate({ explanation: 'one', maxSteps: 1 });
    await expect(asked).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('“generate”') as string,
      detail: 'steps.0.chosen.text: string was expected',
    });
    close();
  });

  it('of what is told wrongly its listeners hear nothing; what is right then still arrives', async () => {
    const { client, server, close } = answering(null);
    const heard: unknown[] = [];
    const wrong: ExplainError[] = [];
    client.on('step', (news) => heard.push(news));
    client.onWrong((error) => wrong.push(error));
    server.emit('step', { explanation: 'one', step: STEP, token: null } as unknown as EngineEvents['step']);
    server.emit('step', EVENTS.step.good);
    await client.api.use({ modelId: 'a', version: '1' });
    expect(heard).toEqual([EVENTS.step.good]);
    expect(wrong).toMatchObject([{ code: 'INTERNAL', detail: 'token: Object was expected' }]);
    close();
  });
});
