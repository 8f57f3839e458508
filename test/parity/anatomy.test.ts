/**
 * Which stages the finder finds in every fixture, and the reason for each that it does not find: the whole list is
 * test/fixtures/anatomy.txt, to be read and judged by people. Where the stages are right is shown in probes.test.ts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { statement } from './anatomyStatement';
import { fixtureFolders, readFixture } from './fixture';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const STATED = readFileSync(join(FIXTURES, 'anatomy.txt'), 'utf8').trimEnd().split('\n');
const folders = fixtureFolders(join(FIXTURES, 'transformers'));

test.each(folders.map((folder) => [folder.split('/').at(-1) ?? '', folder]))('%s', (name, folder) => {
  const stated: string[] = [];
  let own = false;
  for (const line of STATED) {
    own = line.startsWith('  ') ? own : line.startsWith(`${name}/`);
    if (own) stated.push(line);
  }
  expect(stated.length).toBeGreaterThan(0);
  expect(statement(readFixture(folder))).toEqual(stated);
});

test('what is stated is of fixtures that are there', () => {
  const names = new Set(folders.map((folder) => folder.split('/').at(-1)));
  expect(STATED.filter((line) => !line.startsWith('  ') && !names.has(line.split('/')[0]))).toEqual([]);
});
