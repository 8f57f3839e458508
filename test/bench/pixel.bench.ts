/**
 * From the command to the pixels, as a user meets them: a real VS Code with the package that people install, its sample
 * document, the bundled model. All times are from just before the command is asked for, in the extension host, to what
 * the webview's own frame has painted; Playwright's latency is in none of them.
 *
 * first   the first webview that a browser profile ever shows, which waits some seconds for Chromium's update of VS Code's
 *         service worker before the extension's page begins (measured also for a panel without a model)
 * cold    the first explanation of a window: the extension is not active, nothing is loaded
 * encoder as cold, with the encoder's tab chosen in the frame in which it is first there: its attention is there before the decoder is
 * warm    every later one, with the panel open and the model loaded
 *
 * With another package (of another commit) beside it, windows of both are opened in turn: a busy machine is as busy for
 * the one as for the other. The extension's own marks (src/protocol/marks.ts) say where a cold start's time goes.
 */
import type { Frame } from 'playwright-core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SAMPLE } from '../support/paths.mjs';
import { Session } from '../vscode/session';
import { until } from '../vscode/workbench';
import { median, report } from './measure';
import { chooseTab, installPixelProbe, type Marks, type PixelProbe } from './pixelProbe';

const WINDOWS = 3;
/** What VS Code itself does after a window is drawn is not what is measured; nobody selects a text faster. */
const SETTLE_MS = 4000;
const FILE = 'sample.md';
const GROUP = 'panel in VS Code (code-server), from the command';

const [packagePath, otherPath] = process.argv.slice(2);
if (packagePath === undefined) throw new Error('This measures the package: run it by npm run bench -- pixel.');
const sample = await readFile(join(SAMPLE, FILE), 'utf8');
/** The sentences of the sample, each with the heading that its explanation has. */
const texts = sample
  .split('\n')
  .flatMap((line, index) =>
    /^[A-Z].*\.$/.test(line) && !line.includes('**') ? [{ text: line, title: `${FILE}:${index + 1}` }] : [],
  );

/** Selects the text, runs the command; resolves with when it was asked for. */
async function explain(session: Session, text: string): Promise<number> {
  await session.select(FILE, text);
  return session.host.run((api) => {
    const asked = performance.timeOrigin + performance.now();
    void api.commands.executeCommand('explainAttention.explain');
    return asked;
  });
}

async function allMarks(frame: Frame): Promise<Marks> {
  return until('all that is to be painted', async () => {
    const { marks, status } = await frame.evaluate(() => {
      const probe = Reflect.get(window, 'pixelProbe') as PixelProbe;
      return { marks: probe.marks, status: probe.status };
    });
    if (status.startsWith('Failed')) throw new Error('The explanation failed.');
    if (marks.ended !== undefined && marks.atlas !== undefined && marks.head !== undefined) return marks;
    throw new Error(`So far: ${JSON.stringify(marks)}, status “${status}”.`);
  });
}

const times = new Map<string, number[]>();
/** Which package the window that is measured now has; '' for the one that is being built. */
let whose = '';
function note(
  when: 'first' | 'cold' | 'encoder' | 'warm',
  asked: number,
  { heading, source, atlas, head, generated, ended }: Marks,
): void {
  const add = (name: string, time: number | undefined): void =>
    noteTime(`${when}: ${name}${whose}`, time ?? Number.NaN);
  const since = (time: number | undefined): number => (time ?? Number.NaN) - asked;
  const last = generated.at(-1);
  if (when !== 'encoder') add('heading', since(heading));
  add('first attention pixel: all heads', since(atlas));
  // The first page begins so late that the rest is there with the heading; the encoder's is as a cold one in all else.
  if (when === 'first' || when === 'encoder') return;
  add('tokens of the text', since(source));
  add('first attention pixel: the large head', since(head));
  add('first generated token', since(generated[0]));
  add('each further generated token', ((last ?? Number.NaN) - (generated[0] ?? Number.NaN)) / (generated.length - 1));
  add('all of it, at rest', since(ended));
}

function noteTime(name: string, time: number): void {
  times.set(name, [...(times.get(name) ?? []), time]);
}

/** When the extension came to its own marks on the way. */
async function noteMarks(session: Session, asked: number): Promise<void> {
  const marks = await session.host.run(() =>
    performance
      .getEntriesByType('mark')
      .filter(({ name }) => name.startsWith('explainAttention.'))
      .map(({ name, startTime }) => ({ name: name.slice(17), time: performance.timeOrigin + startTime })),
  );
  for (const { name, time } of marks) noteTime(`cold, marked: ${name}`, time - asked);
  console.log(marks.map(({ name, time }) => `${name} ${(time - asked).toFixed(0)}`).join(', '));
}

/** The first explanation of a window. */
async function firstOfWindow(session: Session, when: 'first' | 'cold' | 'encoder', text: string): Promise<Frame> {
  const asked = await explain(session, text);
  const frame = await session.workbench.webview('body[data-view="panel"] .header');
  const marks = await allMarks(frame);
  note(when, asked, marks);
  // A row comes at the very end; a run that is cut short has these.
  console.log(`${when}${whose}: first attention pixel ${((marks.atlas ?? Number.NaN) - asked).toFixed(0)} ms`);
  if (when === 'cold' && whose === '') await noteMarks(session, asked);
  return frame;
}

async function reloadWithoutPanel(session: Session): Promise<void> {
  await closePanel(session);
  await session.reload();
  await session.workbench.page.waitForTimeout(SETTLE_MS);
}

async function closePanel(session: Session): Promise<void> {
  await session.host.run(async (api) => {
    const tabs = api.window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter(({ label }) => label === 'Explain Attention');
    await api.window.tabGroups.close(tabs);
  });
}

let runsOn = '';
const [opening, ...others] = texts;
if (!opening) throw new Error('The sample has no sentence.');
const packages = [packagePath, ...(otherPath === undefined ? [] : [otherPath])];
for (let run = 0; run < WINDOWS * packages.length; run++) {
  const installed = packages[run % packages.length] ?? packagePath;
  whose = installed === packagePath ? '' : ' (the other commit)';
  const session = await Session.open({
    extensions: [installed],
    files: { [FILE]: sample },
    viewport: { width: 1600, height: 1000 },
  });
  try {
    await session.workbench.page.addInitScript(installPixelProbe, opening);
    await firstOfWindow(session, 'first', opening.text);
    await reloadWithoutPanel(session);
    const frame = await firstOfWindow(session, 'cold', opening.text);
    // Beside another package only the start is measured: that is what takes long, and what a busy machine blurs.
    for (const next of otherPath === undefined ? [...others, opening] : []) {
      await frame.evaluate(
        ({ text, title }) => (Reflect.get(window, 'pixelProbe') as PixelProbe).arm(text, title),
        next,
      );
      note('warm', await explain(session, next.text), await allMarks(frame));
    }
    await session.workbench.page.addInitScript(chooseTab, 'encoder');
    await reloadWithoutPanel(session);
    await firstOfWindow(session, 'encoder', opening.text);
    const provider = await session.host.run((_api, attention) => attention?.snapshot()?.provider);
    if (provider) runsOn = `${provider.provider}, threads: ${provider.threads}`;
  } finally {
    await session.close();
  }
}
for (const [name, values] of [...times].sort(([, a], [, b]) => (otherPath === undefined ? 0 : median(a) - median(b))))
  report({
    group: GROUP,
    name,
    value: median(values),
    unit: 'ms',
    runs: values.length,
    note: `wall clock; ${runsOn}; ${values.length} runs, ${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`,
  });
process.exit(0);
