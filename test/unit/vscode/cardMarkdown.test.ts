/** The hover card with tokens of a hostile model, read by a CommonMark parser with tables, HTML and bare links switched on. */
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import type { Token, TokenWeights } from '../../../src/attention/types';
import type { ModelReport } from '../../../src/protocol/engine';
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import { unitsOf } from '../../../src/measure/units';
import { DEFAULT_VIEW, wholeView } from '../../../src/protocol/defaultView';
import { cardMarkdown } from '../../../src/vscode/editor/cardMarkdown';
import { markdownText } from '../../../src/vscode/editor/markdownText';
import { emptySnapshot } from '../../../src/session/state/state';
import { HOSTILE_TOKENS } from '../../support/hostileTokens';

/** As much of markdown-it as is used here; it comes with vsce and brings no types. */
interface Markdown {
  render(markdown: string): string;
}
const MarkdownIt = createRequire(import.meta.url)('markdown-it') as new (options: object) => Markdown;
const markdown = new MarkdownIt({ html: true, linkify: true });

const token = (text: string): Token => ({ id: 0, text, special: false, start: 0, end: 1, partial: false });

/** A card on the first of two tokens, which looks at the second one most, and is a mask that hides `hidden`. */
function cardOf(own: string, other: string, hidden: string): string {
  const kinds: ModelReport['kinds'] = [
    { kind: 'encoder', layers: 1, heads: 1, kvHeads: 1, queries: 'source', keys: 'source' },
  ];
  const snapshot: ExplanationSnapshot = {
    ...emptySnapshot('id', 'title'),
    model: { kinds } as unknown as ModelReport,
    source: [token(own), token(other)],
    fills: [{ index: 0, top: [], original: { id: 1, text: hidden, probability: 0.5, rank: 2 } }],
  };
  const weights: TokenWeights = {
    kind: 'encoder',
    role: 'query',
    layers: 1,
    heads: 1,
    length: 2,
    data: new Float32Array([0.25, 0.75]),
  };
  const [unit] = unitsOf(snapshot.source, 'tokens');
  if (!unit) throw new Error('No token.');
  return cardMarkdown(snapshot, { ...wholeView(DEFAULT_VIEW), axis: 'tokens' }, { sequence: 'source', unit }, [
    weights,
  ]);
}

/** The names of the elements in order, without those that end. */
const elements = (html: string): readonly string[] => [...html.matchAll(/<([a-z]\w*)/g)].map(([, name = '']) => name);
const SOUND = elements(markdown.render(cardOf('a', 'b', 'c')));

describe('the hover card', () => {
  test('of sound tokens has its heading, a table of one row, and its caveat', () => {
    expect(SOUND.filter((name) => name === 'table' || name === 'td')).toEqual(['table', 'td', 'td', 'td']);
    const html = markdown.render(cardOf('It’s', 'naïve', 'c'));
    expect(html).toContain('“It’s”, which hides “c” (50.0 %, rank 2)');
    expect(html).toMatch(/<td>1\.1<\/td>\s*<td>naïve<\/td>\s*<td style="text-align:right">0\.750<\/td>/);
  });

  test(`${HOSTILE_TOKENS.length} hostile tokens, in its three places, are text and nothing else`, () => {
    for (const hostile of HOSTILE_TOKENS) {
      const html = markdown.render(cardOf(hostile, hostile, hostile));
      // The same elements in the same order as with sound tokens: no link, no picture, no other row or cell.
      expect(elements(html), JSON.stringify(hostile)).toEqual(SOUND);
    }
  });

  test('a token reads as what it is', () => {
    for (const text of ['\\|![](https://x.y)', '`|`', '&amp;', '<b>', '$(bug)', 'a_b*c', '👩‍👩‍👧', '🏽'])
      expect(
        markdown
          .render(markdownText(text))
          .replace(/<\/?p>|\n/g, '')
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&quot;', '"')
          .replaceAll('&amp;', '&'),
      ).toBe(text);
    expect(markdownText('a\u0000\u001b\u007f\u0085\ud800')).toBe('a␀␛␡\ufffd\ufffd');
    expect(markdownText('x'.repeat(1e6))).toBe(`${'x'.repeat(200)}…`);
  });
});
