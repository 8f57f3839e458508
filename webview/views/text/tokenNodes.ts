/** The nodes of one token or word, and the words for what it is: special, written, a mask, of a chat template. */
import type { Token } from '../../../src/attention/types';
import { areApart, type Unit } from '../../../src/measure/units';
import { listOf } from '../../../src/text/listInSentence';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { directionOf } from '../../../src/attention/tokenLabel';
import { bareTokenLabel, isBlank, textLabel, tokenLabel, visibleSpace } from '../../format';
import type { Masks } from '../../state/appState';

/** What decides what tokens are: which were written, which are masks, which a chat template's. */
export interface TokenRoles {
  /** Those from here on were written by the model. */
  readonly generated: number;
  readonly masks: Masks;
  /** True where tokens before `generated` that have no place in the text are the chat template's. */
  readonly chat: boolean;
}

export const NO_ROLES: TokenRoles = { generated: Infinity, masks: new Map(), chat: false };

const ofTemplate = ({ from, start }: Unit, { chat, generated }: TokenRoles): boolean =>
  chat && from < generated && start < 0;

const sameToken = (one: Token | undefined, other: Token | undefined): boolean =>
  one !== undefined &&
  other !== undefined &&
  one.id === other.id &&
  one.text === other.text &&
  one.special === other.special &&
  one.start === other.start &&
  one.partial === other.partial &&
  tokenLabel(one) === tokenLabel(other);

/** True where two units read the same, so that a node of the one can stay for the other. */
export const sameUnit = (one: Unit | undefined, other: Unit | undefined): boolean =>
  one !== undefined &&
  other !== undefined &&
  one.from === other.from &&
  one.pieces.length === other.pieces.length &&
  one.pieces.every((piece, at) => sameToken(piece, other.pieces[at]));

/** What a unit hides: the texts under its masks, null under one that was typed, undefined where it has none. */
export function hiddenBy({ from, to }: Unit, masks: Masks): string | null | undefined {
  let all: string | null | undefined;
  for (let index = from; index < to; index++) {
    const hidden = masks.get(index);
    if (hidden === undefined) continue;
    if (hidden === null) return null;
    all = (all ?? '') + hidden;
  }
  return all;
}

/** A token or a word in words, for its title: its id or its tokens, whether it is special or a template's, and what a mask hides. */
export function unitTitle(unit: Unit, roles: TokenRoles): string {
  const hidden = hiddenBy(unit, roles.masks);
  const [first] = unit.pieces;
  const own =
    unit.pieces.length === 1 && first
      ? say('webview.token.id', { id: first.id })
      : say('webview.token.pieces', { count: unit.pieces.length, pieces: unit.pieces.map(tokenLabel).join(' ') });
  const parts = [
    hidden === null ? say('webview.token.mask') : '',
    typeof hidden === 'string' ? say('webview.token.masked', { hidden: textLabel(hidden) }) : '',
    ofTemplate(unit, roles) ? say('webview.token.template') : '',
    unit.special ? say('webview.token.special') : '',
    ...(unit.partial ? partTitles(unit) : []),
    own,
  ];
  return listOf(parts.filter((part) => part !== ''));
}

/** Which parts of its characters a token is, in words. */
function partTitles({ parts = [] }: Unit): readonly string[] {
  if (parts.length === 0) return [say('webview.token.partial')];
  return parts.map(({ index, of }) => say('webview.token.part', { index, of }));
}

/** White space as the editor shows it: dots, arrows and line ends, which are not part of the text for a screen reader. */
function withSpaces(node: HTMLElement, text: string): void {
  for (const part of text.match(/[ ]+|\t|\r|\n|[^ \t\r\n]+/gu) ?? []) {
    const glyph = part.startsWith(' ') ? '·'.repeat(part.length) : { '\t': '→\t', '\r': '␍', '\n': '⏎' }[part];
    node.append(
      glyph === undefined ? visibleSpace(part) : el('span', { class: 'space', aria: { hidden: true } }, glyph),
    );
    // The break itself belongs to the token, so that what follows is indented as in the document.
    if (part === '\n') node.append('\n');
  }
}

/** The nodes of one token or word: the space before it, and itself. @param index its place among the units */
export function unitNodes(token: Unit, before: Unit | undefined, index: number, roles: TokenRoles): readonly Node[] {
  const { text } = token;
  const hidden = hiddenBy(token, roles.masks);
  const isMask = hidden !== undefined;
  const nodes: Node[] = [];
  const spaced = !token.special && !isMask && (isBlank(text) || /[\t\r\n]|^ {2}/u.test(text)) && text !== '';
  const label = bareTokenLabel(token);
  const gap =
    before !== undefined &&
    !spaced &&
    (/^\s/u.test(hidden ?? text) || hidden === null || before.special || token.special || areApart(before, token));
  if (gap) nodes.push(document.createTextNode(' '));
  const classes = [
    'token',
    token.special ? 'special' : '',
    isMask ? 'mask' : '',
    spaced ? 'spaced' : '',
    token.partial || text.includes('\ufffd') ? 'partial' : '',
    token.from >= roles.generated ? 'generated' : '',
    ofTemplate(token, roles) ? 'template' : '',
  ];
  const node = el('span', {
    class: classes.filter((name) => name !== '').join(' '),
    role: 'option',
    tabIndex: -1,
    data: { index },
    aria: { selected: false },
  });
  if (spaced) {
    withSpaces(node, text);
    node.setAttribute('aria-label', label);
  } else node.append(label);
  if (typeof hidden === 'string')
    node.setAttribute('aria-label', say('webview.token.hides', { token: label, hidden: textLabel(hidden) }));
  // Each is isolated, so that none changes the order of others; without letters of its own it goes the text's way.
  const direction = directionOf(label) ?? (token.special ? 'ltr' : null);
  if (direction) node.dir = direction;
  nodes.push(node);
  return nodes;
}
