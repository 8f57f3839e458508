import { describe, expect, it } from 'vitest';
import { isTokenFocus, isViewState, PANEL_CHECKS } from '../../src/protocol/checks';
import type { PanelApi } from '../../src/protocol/panel';
import { DEFAULT_VIEW as VIEW } from '../../src/protocol/defaultView';

const DECODING = {
  doSample: true,
  temperature: 0.8,
  topK: 40,
  topP: 0.95,
  minP: 0,
  repetitionPenalty: 1.1,
  noRepeatNgram: 3,
  minNewTokens: 2,
  seed: 4294967295,
};

const GOOD: { readonly [K in keyof PanelApi]: Parameters<PanelApi[K]>[0] } = {
  state: {},
  head: { explanation: 'a', kind: 'cross', layer: 1, head: 0 },
  tokenWeights: { explanation: 'a', sequence: 'source', indices: [0, 3] },
  lesson: { explanation: 'a', kind: 'cross', stage: 'scores', layer: 0, head: 1, token: 3, feature: 0 },
  headsOff: { explanation: 'a', off: [{ kind: 'cross', layer: 0, head: 1 }] },
  headCosts: { explanation: 'a', kind: 'encoder' },
  forgetLeftOut: { explanation: 'a' },
  inputWithout: { explanation: 'a', ranges: [{ from: 0, to: 2 }], manner: 'replaced' },
  leaveOut: { explanation: 'a', ranges: [{ from: 0, to: 2 }], manner: 'removed' },
  lens: { explanation: 'a', from: 0, count: 24 },
  attribution: { explanation: 'a', index: 3, token: 17, other: null },
  roles: { explanation: 'a', kind: 'encoder' },
  alignment: { explanation: 'a', source: 'head', layer: 1, head: 0, reading: 'fed' },
  atlas: { explanation: 'a', kind: 'encoder', maxCell: 32, hideSpecial: true },
  measure: { explanation: 'one', measure: 'moved' },
  setView: { explanation: 'a', view: VIEW },
  setFocus: { explanation: 'a', focus: { sequence: 'target', indices: [2], locked: false, from: 'panel' } },
  generation: { explanation: 'a', action: 'run' },
  branch: { explanation: 'a', step: 0, token: -1 },
  force: { explanation: 'a', text: 'Bonjour' },
  setDecoding: { explanation: 'a', decoding: null },
  openBeam: { explanation: 'a', token: 7 },
  mask: { explanation: 'a', indices: [3, 5] },
  setChat: { explanation: 'a', chat: true },
  setSpecialsAsText: { explanation: 'a', asText: true },
  setPair: { explanation: 'a', order: 'swapped' },
  chooseWindow: { explanation: 'a', start: 12 },
  pin: { explanation: 'a', map: { kind: 'cross', layer: 1, head: 0, source: { type: 'head' } } },
  unpin: { explanation: 'a' },
  intervene: {
    explanation: 'a',
    intervention: { ranges: [{ from: 0, to: 2 }], manner: 'removed', off: [] },
    map: { kind: 'cross', layer: 1, head: 0, source: { type: 'head' } },
  },
  cancel: { explanation: 'a' },
  retry: { explanation: 'a' },
  reveal: { explanation: 'a', sequence: 'source', index: 1 },
  copy: { text: 'x' },
  command: { name: 'showLog' },
};

const BAD: readonly unknown[] = [null, undefined, 3, 'x', [], { explanation: 5 }];

describe('checks of what a webview sends', () => {
  it('takes good settings of how tokens are chosen', () => {
    const decoding = { ...DECODING, doSample: false, numBeams: 20, lengthPenalty: -1, earlyStopping: 'never' as const };
    for (const good of [DECODING, decoding, { ...DECODING, forcedFirst: -1, suppressed: [3, 9], maxNewTokens: 1 }])
      expect(() => PANEL_CHECKS.setDecoding({ explanation: 'a', decoding: good })).not.toThrow();
  });

  it.each(Object.entries(GOOD))('takes a good %s', (method, request) => {
    expect(() => PANEL_CHECKS[method as keyof PanelApi](request)).not.toThrow();
  });

  it.each(Object.keys(GOOD))('refuses a bad %s', (method) => {
    const check = PANEL_CHECKS[method as keyof PanelApi];
    for (const request of BAD.filter((value) => typeof value !== 'object' || value === null || Array.isArray(value))) {
      expect(() => check(request)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    }
  });

  it.each<[keyof PanelApi, unknown]>([
    ['intervene', { explanation: 'a', intervention: null }],
    ['intervene', { explanation: 'a', intervention: { ranges: [{ from: 0.5, to: 2 }], manner: 'removed' }, map: VIEW }],
    ['head', { explanation: 'a', kind: '__proto__', layer: 1, head: 0 }],
    ['head', { explanation: 'a', kind: 'cross', layer: -1, head: 0 }],
    ['head', { explanation: 'a', kind: 'cross', layer: 1.5, head: 0 }],
    ['head', { explanation: 'a', kind: 'cross', layer: Infinity, head: 0 }],
    ['tokenWeights', { explanation: 'a', sequence: 'source', indices: 'all' }],
    ['tokenWeights', { explanation: 'a', sequence: 'source', indices: new Array(200_000).fill(0) }],
    ['pin', { explanation: 'a', map: { kind: 'cross', layer: -1, head: 0, source: { type: 'head' } } }],
    ['pin', { explanation: 'a' }],
    ['setView', { explanation: 'a', view: { ...VIEW, compare: { difference: true, heads: 'all' } } }],
    ['setView', { explanation: 'a', view: { ...VIEW, version: 2 } }],
    ['setView', { explanation: 'a', view: { ...VIEW, hideSpecial: { encoder: 1 } } }],
    ['setFocus', { explanation: 'a', focus: { sequence: 'both', indices: [], locked: false, from: 'panel' } }],
    ['generation', { explanation: 'a', action: 'delete' }],
    ['branch', { explanation: 'a', step: 0, token: -2 }],
    ['force', { explanation: 'a', text: 'x'.repeat(1_000_001) }],
    ['setDecoding', { explanation: 'a', decoding: {} }],
    ...[0, -1, NaN, Infinity, '1'].map((temperature): [keyof PanelApi, unknown] => [
      'setDecoding',
      { explanation: 'a', decoding: { ...DECODING, temperature } },
    ]),
    ...[
      ...[1000, 0, -1, 2.5, NaN, null].map((numBeams) => ({ doSample: false, numBeams })),
      { numBeams: 2 },
      { earlyStopping: 'always' },
      { lengthPenalty: Infinity },
      { maxNewTokens: 0 },
      { forcedFirst: -2 },
      { suppressed: [-1] },
      { suppressed: 'all' },
    ].map((bad): [keyof PanelApi, unknown] => ['setDecoding', { explanation: 'a', decoding: { ...DECODING, ...bad } }]),
    ['openBeam', { explanation: 'a', token: -1 }],
    ['mask', { explanation: 'a', indices: [1, -1] }],
    ['mask', { explanation: 'a', indices: null }],
    ['mask', { explanation: 'a' }],
    ['setChat', { explanation: 'a', chat: 'on' }],
    ['setSpecialsAsText', { explanation: 'a', asText: 'yes' }],
    ['setPair', { explanation: 'a', order: 'sideways' }],
    ['command', { name: 'workbench.action.quit' }],
  ])('refuses %s %j', (method, request) => {
    expect(() => PANEL_CHECKS[method](request)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
  });

  it.each(Object.entries(GOOD).filter(([, request]) => 'explanation' in request))(
    'refuses a %s that does not name its explanation',
    (method, request) => {
      const check = PANEL_CHECKS[method as keyof PanelApi];
      for (const explanation of [undefined, null, 5, {}])
        expect(() => check({ ...request, explanation })).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    },
  );

  it('wants the name of an explanation in all but three requests', () => {
    const unnamed = Object.entries(GOOD).filter(([, request]) => !('explanation' in request));
    expect(unnamed.map(([method]) => method)).toEqual(['state', 'copy', 'command']);
  });

  it('recognises stored state', () => {
    expect(isViewState(VIEW)).toBe(true);
    expect(isViewState({ ...VIEW, kind: 'all' })).toBe(false);
    expect(isTokenFocus({ sequence: 'source', indices: [1], locked: true, from: 'editor' })).toBe(true);
    expect(isTokenFocus({ sequence: 'source', indices: [-1], locked: true, from: 'editor' })).toBe(false);
  });
});
