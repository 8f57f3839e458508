/** Prints one line a model of a collection (EXPLAIN_FIXTURES, or the tests' own), and fails where a model that is not refused is off. */
import { join } from 'node:path';
import { fixtureFolders, readFixture } from './fixture';
import { outcomeOf } from './outcome';

const root = process.env['EXPLAIN_FIXTURES'] ?? join(process.cwd(), 'test/fixtures/transformers');
const counts = { pass: 0, refused: 0, FAIL: 0 };
for (const folder of fixtureFolders(root)) {
  const { verdict, line } = await outcomeOf(readFixture(folder));
  counts[verdict]++;
  console.log(line);
}
console.log(`${counts.pass} pass, ${counts.refused} refused, ${counts.FAIL} fail`);
if (counts.FAIL > 0 || counts.pass + counts.refused === 0) process.exitCode = 1;
