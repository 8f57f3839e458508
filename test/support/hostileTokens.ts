/** Some hundred tokens that would be markup if a model's text were put into Markdown as it stands. */

/** Where a picture or a link would lead; nothing may ever ask for it. */
export const HOSTILE_HOST = 'evil.example';

const WAYS_OUT = [
  '',
  '\r\r',
  '\n\n',
  '\r\n\r\n',
  '\n\n    ',
  '\n> ',
  '\n- ',
  '\n# ',
  '|',
  '\\|',
  '\\\\|',
  '`',
  '``` ',
  '\\`',
  '\\',
  '”** ',
  '_',
  '</td></tr></table>',
  '&lt;',
  '&#10;&#10;',
  '\u2028\u2028',
  '\u0000',
  '\u0085',
  '\ud83d',
];

const MARKUP = [
  `![](https://${HOSTILE_HOST}/a)`,
  `[a](https://${HOSTILE_HOST}/b)`,
  '[a](command:workbench.action.reloadWindow)',
  `[a][b]\n\n[b]: https://${HOSTILE_HOST}/c`,
  `<https://${HOSTILE_HOST}/d>`,
  `https://${HOSTILE_HOST}/e`,
  `www.${HOSTILE_HOST}/f`,
  `somebody@${HOSTILE_HOST}`,
  `<img src="https://${HOSTILE_HOST}/g">`,
  `<img src=x onerror=fetch('//${HOSTILE_HOST}')>`,
  `<a href="https://${HOSTILE_HOST}/h">x</a>`,
  `<svg><image href="//${HOSTILE_HOST}/i"/></svg>`,
  `$(bug) |![](https://${HOSTILE_HOST}/j)|`,
  `\\![](https\\://${HOSTILE_HOST}/k)`,
  `![a](https://${HOSTILE_HOST}/l "t")\n| a |\n|---|\n| b |`,
];

export const HOSTILE_TOKENS: readonly string[] = WAYS_OUT.flatMap((out) => MARKUP.map((markup) => `${out}${markup}`));
