/** A cold start as a user meets it, in Chromium: a new worker, the runtime, the bundled model, the first explanation. */
import { launchBrowser, openPage, serveEngine } from '../parity/engineBrowser';
import type { Plain } from '../parity/enginePage';
import { BUNDLED_FILES } from '../support/bundledFiles';
import { median, report } from './measure';

const RUNS = 5;
const TEXT = 'The cat sat on the mat.';

function value<T>(answer: Plain<T>): T {
  if ('error' in answer) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return answer.value;
}

const site = await serveEngine(false);
const browser = await launchBrowser();
const times: Record<string, number[]> = {};
const note = (name: string, time: number): void => void (times[name] ??= []).push(time);
for (let run = 0; run < RUNS; run++) {
  const driver = await openPage(browser, site);
  const started = value(await driver.start({ preference: 'wasm', allowSoftwareAdapter: false }));
  note('runtime: inflate, compile, start', started.runtime);
  note(
    'model: tokenizer, tap, sessions, self-test',
    value(await driver.load('/models/en-fr', BUNDLED_FILES)).milliseconds,
  );
  note(
    'first explanation: tokens, encoder, its weights',
    value(
      await driver.call('explain', {
        explanation: 'a',
        model: { modelId: '/models/en-fr', version: '' },
        text: TEXT,
        windowStart: 0,
      }),
    ).milliseconds,
  );
  const first = value(await driver.call('generate', { explanation: 'a', maxSteps: 40 }));
  note('first token', first.steps[0]?.milliseconds ?? Number.NaN);
  value(
    await driver.call('explain', {
      explanation: 'b',
      model: { modelId: '/models/en-fr', version: '' },
      text: TEXT,
      windowStart: 0,
    }),
  );
  const second = value(await driver.call('generate', { explanation: 'b', maxSteps: 40 }));
  note('each token of a second explanation', median(second.steps.map((step) => step.milliseconds)));
  await driver.page.context().close();
}
for (const [name, values] of Object.entries(times))
  report({
    group: 'cold start in Chromium, WASM, one thread',
    name,
    value: median(values),
    unit: 'ms',
    runs: values.length,
    note: 'wall clock',
  });
await browser.close();
await site.close();
process.exit(0);
