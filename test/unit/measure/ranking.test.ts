import { expect, test } from 'vitest';
import { ROLE_NAMES, type RoleTable } from '../../../src/attention/types';
import { ROLES, scoreText } from '../../../src/measure/roles/role';
import { rolesOf, roleTextOf } from '../../../src/measure/roles/roleText';
import { NO_RANKING, rankedHeads, readRanking } from '../../../webview/state/shown/ranking';

const none = Object.fromEntries(
  ROLE_NAMES.map((role) => [role, [null, null, null, null]]),
) as unknown as RoleTable['scores'];
const table: RoleTable = {
  kind: 'encoder',
  layers: 2,
  heads: 2,
  scores: { ...none, previous: [0.2, 0.9, null, 0.5] },
};
const places = (by: Parameters<typeof rankedHeads>[1]): readonly string[] =>
  rankedHeads(table, by).map(({ layer, head }) => `${layer}.${head}`);

test('heads by a role: highest first, lowest first, by place, and those beyond a bound', () => {
  const by = { ...NO_RANKING, role: 'previous' } as const;
  expect(places(by)).toEqual(['0.1', '1.1', '0.0']);
  expect(places({ ...by, order: 'lowest' })).toEqual(['0.0', '1.1', '0.1']);
  expect(places({ ...by, order: 'place' })).toEqual(['0.0', '0.1', '1.1']);
  expect(places({ ...by, bound: 0.5 })).toEqual(['0.1', '1.1']);
  expect(places({ ...by, order: 'lowest', bound: 0.5 })).toEqual(['0.0', '1.1']);
  // What was not measured is in no order.
  expect(places({ ...by, role: 'induction' })).toEqual([]);
  expect(places(NO_RANKING)).toEqual([]);
});

test('what was saved is taken where it can be', () => {
  const by = { role: 'sink', on: 'probe', order: 'lowest', bound: 0.5 };
  expect(readRanking(by)).toEqual(by);
  expect(readRanking({ role: 'nonsense', on: 3, bound: 'x' })).toEqual(NO_RANKING);
  expect(readRanking(undefined)).toEqual(NO_RANKING);
});

test('a badge says measure and score, in the score’s unit', () => {
  expect(scoreText(ROLES.previous, 0.831)).toBe('previous token 0.83');
  expect(scoreText(ROLES.distance, 3.24)).toBe('mean distance 3.2 tokens');
});

test('a kind has the roles that it can have', () => {
  expect(rolesOf({ kind: 'cross', queries: 'target', keys: 'source' })).toEqual([
    'sink',
    'punctuation',
    'diagonal',
    'entropy',
  ]);
  expect(rolesOf({ kind: 'decoder', queries: 'target', keys: 'target' })).not.toContain('next');
  expect(rolesOf({ kind: 'encoder', queries: 'source', keys: 'source' })).toEqual(ROLE_NAMES);
});

test('sinks, marks and rows that count, from the tokens', () => {
  const token = (text: string, special = false, partial = false) => ({
    id: text.length,
    text,
    special,
    start: special ? -1 : 0,
    end: special ? -1 : text.length,
    partial,
  });
  const tokens = [token('Yes'), token(','), token('\ufffd', false, true), token('…'), token(' '), token('</s>', true)];
  const self = { kind: 'decoder', layers: 1, heads: 1, kvHeads: 1, queries: 'target', keys: 'target' } as const;
  const masked = roleTextOf(self, tokens, tokens, true);
  expect([...masked.punctuationKey]).toEqual([0, 1, 0, 1, 0, 0]);
  expect([...masked.sinkKey]).toEqual([1, 0, 0, 0, 0, 1]);
  expect([...masked.skipQuery]).toEqual([1, 0, 0, 0, 0, 1]);
  const encoder = roleTextOf({ ...self, kind: 'encoder' }, tokens, tokens, false);
  expect([...encoder.sinkKey]).toEqual([0, 0, 0, 0, 0, 1]);
  expect([...encoder.skipQuery]).toEqual([0, 0, 0, 0, 0, 1]);
});
