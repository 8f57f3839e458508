/** VS Code's own walkthrough: five steps, each done by doing, each with a picture for every kind of theme. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Step {
  readonly id: string;
  readonly description: string;
  readonly completionEvents: readonly string[];
  readonly media: { readonly image: Readonly<Record<string, string>>; readonly altText: string };
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly walkthroughs: readonly { readonly steps: readonly Step[] }[];
  };
}

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const { contributes } = read('package.json') as Manifest;
const sentences = read('package.nls.json') as Readonly<Record<string, string>>;
const said = (text: string): string => sentences[text.slice(1, -1)] ?? '';
const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);

/** Width and height, from the header of a PNG. */
function sizeOf(path: string): readonly [number, number] {
  const bytes = readFileSync(join(ROOT, path));
  expect(bytes.subarray(1, 4).toString('latin1'), path).toBe('PNG');
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

test('there are five steps, and each is done by what the reader does', () => {
  const known = [
    ...contributes.commands.map(({ command }) => `onCommand:${command}`),
    ...Object.values(contributes.views).flatMap((views) => views.map(({ id }) => `onView:${id}`)),
    'onContext:explainAttention.inLesson',
  ];
  expect(steps).toHaveLength(5);
  for (const { id, completionEvents } of steps) {
    expect(completionEvents, id).toHaveLength(1);
    expect(known).toContain(completionEvents[0]);
  }
  expect(readFileSync(join(ROOT, 'src/vscode/run/places.ts'), 'utf8')).toContain("'explainAttention.inLesson'");
});

test('each step has a button that runs a command, and a picture for each kind of theme, all of one size', () => {
  const commands = contributes.commands.map(({ command }) => command);
  for (const { id, description, media } of steps) {
    const [, command = ''] = /\]\(command:([\w.]+)\)/.exec(said(description)) ?? [];
    expect(commands, id).toContain(command);
    expect(said(media.altText).length, id).toBeGreaterThan(20);
    expect(Object.keys(media.image).sort(), id).toEqual(['dark', 'hc', 'hcLight', 'light']);
    for (const path of Object.values(media.image)) expect(sizeOf(path)).toEqual([760, 480]);
  }
});
