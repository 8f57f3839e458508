/** A beam search in the state of a window: its tree as it grows, its end, and how a plan comes back to it. */
import { describe, expect, test } from 'vitest';
import type { BeamReport, GenerateResult } from '../../../src/protocol/engine';
import type { Generated } from '../../../src/session/recipe/recipe';
import { nextStep } from '../../../src/session/recipe/replay';
import { reduce } from '../../../src/session/state/reducer';
import { emptySnapshot, type SessionState } from '../../../src/session/state/state';
import { UNGUIDED } from '../../../src/session/subject/subject';

const BEAMS: BeamReport = {
  begins: 0,
  tokens: [],
  running: [],
  ended: [],
  opened: -1,
  depth: 3,
  room: 20,
  isDone: false,
  numBeams: 2,
  lengthPenalty: 1,
};

function stateWith(status: 'generating' | 'done'): SessionState {
  const snapshot = { ...emptySnapshot('one', 'a'), status };
  return { explanations: new Map([['one', { id: 'one', subject: null, snapshot, replay: null }]]), places: new Map() };
}
const shown = (state: SessionState) => state.explanations.get('one')?.snapshot;

test('a tree is shown as it grows, and not where the search is of a text that was replaced since', () => {
  const event = { type: 'beams', explanation: 'one', sofar: BEAMS } as const;
  expect(shown(reduce(stateWith('generating'), event))?.beams).toBe(BEAMS);
  const done = stateWith('done');
  expect(reduce(done, event)).toBe(done);
});

test('where a search is over, nothing goes on; what is written otherwise has no tree', () => {
  const result: GenerateResult = { end: 'beam', target: [], steps: [], beams: { ...BEAMS, isDone: true } };
  const searched = reduce(stateWith('generating'), { type: 'generated', explanation: 'one', result });
  const outcome = { type: 'ended', end: 'beam' } as const;
  const ended = reduce(searched, { type: 'generation ended', explanation: 'one', outcome, milliseconds: 1 });
  expect(shown(ended)).toMatchObject({ status: 'done', end: 'beam', beams: { isDone: true } });
  const other: GenerateResult = { ...result, end: 'steps', beams: null };
  expect(shown(reduce(ended, { type: 'generated', explanation: 'one', result: other }))?.beams).toBeNull();
});

describe('coming back', () => {
  const plan: Generated = {
    ...UNGUIDED,
    branches: [{ step: 4, token: 7, beam: { depth: 9, token: 30 } }],
    steps: 12,
    beam: { depth: 6, token: null },
  };
  const none = { forced: false, branches: 0, steps: 0, beam: null, opened: false };

  test('as far as was searched, to the text that was on show, to its branch, and on', () => {
    expect(nextStep(plan, none, false)).toEqual({ do: 'generate', maxSteps: 9 });
    const searched = { ...none, steps: 8, beam: { depth: 9, token: 25 } };
    expect(nextStep(plan, searched, true)).toEqual({ do: 'open', token: 30 });
    const opened = { ...searched, opened: true, beam: { depth: 9, token: 30 } };
    expect(nextStep(plan, opened, true)).toEqual({ do: 'branch', step: 4, token: 7 });
    const branched = { ...none, branches: 1, steps: 5 };
    expect(nextStep(plan, branched, false)).toEqual({ do: 'generate', maxSteps: 6 });
    // The best text was on show: it is there when the search is.
    expect(nextStep(plan, { ...branched, steps: 10, beam: { depth: 6, token: 17 } }, true)).toBeNull();
  });

  test('a text that is too short for its branch ends the plan', () => {
    const short = { ...none, steps: 3, opened: true, beam: { depth: 4, token: 11 } };
    expect(nextStep(plan, short, true)).toBeNull();
  });
});
