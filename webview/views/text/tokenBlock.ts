/** One sequence as running text whose tokens can be hovered, focused, locked and coloured. */
import type { SequenceName, Token } from '../../../src/attention/types';
import type { App } from '../../state/app';
import { el, numberUnder, setAttribute } from '../../dom';
import { directionOf, directionOfTokens } from '../../../src/attention/tokenLabel';
import { bareTokenLabel, exactWeight, isBlank, textLabel, tokenLabel, visibleSpace } from '../../format';
import type { Masks } from '../../state/appState';
import { rampIndex, type Ramp } from '../../render/ramp';
import type { Palette } from '../../theme';

/** What tokens are besides their text. */
export interface TokenRoles {
  /** Those from here on were written by the model. */
  readonly generated: number;
  readonly masks: Masks;
  /** True where tokens before `generated` that have no place in the text are the chat template's. */
  readonly chat: boolean;
}

const NO_ROLES: TokenRoles = { generated: Infinity, masks: new Map(), chat: false };

const ofTemplate = (token: Token, index: number, { chat, generated }: TokenRoles): boolean =>
  chat && index < generated && token.start < 0;

export interface TokenBlock {
  readonly element: HTMLElement;
  setTokens(tokens: readonly Token[], roles: TokenRoles): void;
  /** Colours each token by `weights[i] * scale`; null clears. Hidden tokens are struck out of the colouring. */
  paint(weights: Float32Array | null, scale: number, palette: Palette, hideSpecial: boolean, what: string): void;
  /** Marks the looked-at tokens: `current` follows pointer or keys, `locked` stays, `second` is compared with. */
  mark(current: readonly number[], locked: boolean, second: number | null): void;
  token(index: number): HTMLElement | undefined;
}

const sameToken = (one: Token | undefined, other: Token | undefined): boolean =>
  one !== undefined &&
  other !== undefined &&
  one.id === other.id &&
  one.text === other.text &&
  one.special === other.special &&
  one.start === other.start &&
  one.partial === other.partial &&
  tokenLabel(one) === tokenLabel(other);

/** What a token is besides its text. A mask hides a text, or null where it was typed. */
function tokenTitle(token: Token, index: number, roles: TokenRoles): string {
  const hidden = roles.masks.get(index);
  const mask = hidden === undefined ? '' : hidden === null ? 'mask' : `masked, hides “${textLabel(hidden)}”`;
  const parts = [
    mask,
    ofTemplate(token, index, roles) ? 'of the chat template' : '',
    token.special ? 'special token' : '',
    token.partial ? partTitle(token) : '',
    `id ${token.id}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** Which part of its characters a token is, in words. */
function partTitle({ parts = [] }: Token): string {
  const shares = parts.map(({ index, of }) => `part ${index} of ${of}`).join(' and ');
  return shares === '' ? 'only some bytes of this character' : `${shares} of this character`;
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

/** The nodes of one token: the space before it, and the token. */
function tokenNodes(token: Token, before: Token | undefined, index: number, roles: TokenRoles): readonly Node[] {
  const { text } = token;
  const hidden = roles.masks.get(index);
  const isMask = hidden !== undefined;
  const nodes: Node[] = [];
  const spaced = !token.special && !isMask && (isBlank(text) || /[\t\r\n]|^ {2}/u.test(text)) && text !== '';
  const label = bareTokenLabel(token);
  const gap =
    before !== undefined &&
    !spaced &&
    (/^\s/u.test(hidden ?? text) ||
      hidden === null ||
      before.special ||
      token.special ||
      (before.end >= 0 && token.start > before.end));
  if (gap) nodes.push(document.createTextNode(' '));
  const classes = [
    'token',
    token.special ? 'special' : '',
    isMask ? 'mask' : '',
    spaced ? 'spaced' : '',
    token.partial || text.includes('\ufffd') ? 'partial' : '',
    index >= roles.generated ? 'generated' : '',
    ofTemplate(token, index, roles) ? 'template' : '',
  ];
  const node = el('span', {
    class: classes.filter((name) => name !== '').join(' '),
    role: 'option',
    tabIndex: -1,
    data: { index },
    aria: { selected: false },
  });
  // Each is isolated, so that none changes the order of others; without letters of its own it goes the text's way.
  const direction = directionOf(label) ?? (token.special ? 'ltr' : null);
  if (direction) node.dir = direction;
  if (spaced) {
    withSpaces(node, text);
    node.setAttribute('aria-label', label);
  } else node.append(label);
  if (typeof hidden === 'string') node.setAttribute('aria-label', `${label}, hides “${textLabel(hidden)}”`);
  nodes.push(node);
  return nodes;
}

export function tokenBlock(app: App, sequence: SequenceName, label: string): TokenBlock {
  const element = el('div', { class: 'tokens', role: 'listbox', aria: { label, multiselectable: true } });
  let tokens: readonly Token[] = [];
  let nodes: HTMLElement[] = [];
  /** The colour step of each token; -1 none, -2 not painted yet. */
  let painted = new Int16Array(0);
  let paintedWith: Ramp | undefined;
  let titleOf: (index: number) => string = () => '';
  let roving = 0;
  let roles = NO_ROLES;

  const rove = (index: number, focus: boolean): void => {
    const next = nodes[Math.min(Math.max(0, index), nodes.length - 1)];
    if (!next) return;
    const left = nodes[roving];
    if (left) left.tabIndex = -1;
    roving = Number(next.dataset['index']);
    next.tabIndex = 0;
    if (focus) next.focus({ preventScroll: false });
  };

  /** The token on the line above or below that is nearest in x. */
  const onNextLine = (direction: 1 | -1): number => {
    const here = nodes[roving]?.getBoundingClientRect();
    if (!here) return roving;
    let best = roving;
    let line: number | undefined;
    let distance = Infinity;
    for (let index = roving + direction; index >= 0 && index < nodes.length; index += direction) {
      const there = nodes[index]?.getBoundingClientRect();
      if (!there || Math.abs(there.top - here.top) < here.height / 2) continue;
      line ??= there.top;
      if (Math.abs(there.top - line) > here.height / 2) break;
      const apart = Math.abs(there.left + there.width / 2 - here.left - here.width / 2);
      if (apart < distance) {
        distance = apart;
        best = index;
      }
    }
    return best;
  };

  /** The locked tokens where the one at `index` is among them, else that one alone. */
  const lockedWith = (index: number): readonly number[] => {
    const { focus } = app.store.get();
    return focus?.locked === true && focus.sequence === sequence && focus.indices.includes(index)
      ? focus.indices
      : [index];
  };

  element.addEventListener('pointerover', (event) => {
    const index = numberUnder(event, 'index');
    if (index === undefined) return;
    // Titles are made for the one token that is pointed at, not for a thousand at every move.
    const node = nodes[index];
    if (node) node.title = titleOf(index);
    app.hover({ sequence, index });
  });
  element.addEventListener('pointerleave', () => app.hover(null));
  element.addEventListener('click', (event) => {
    const index = numberUnder(event, 'index');
    if (index === undefined) return;
    rove(index, true);
    app.lock({ sequence, index }, event.shiftKey || event.ctrlKey || event.metaKey);
  });
  element.addEventListener('dblclick', (event) => {
    const index = numberUnder(event, 'index');
    if (index !== undefined) app.act(app.api.reveal({ sequence, index }));
  });
  element.addEventListener('focusin', (event) => {
    const index = numberUnder(event, 'index');
    if (index === undefined) return;
    if (index !== roving) rove(index, false);
    app.hover({ sequence, index });
  });
  element.addEventListener('focusout', (event) => {
    if (!(event.relatedTarget instanceof Node && element.contains(event.relatedTarget))) app.hover(null);
  });
  element.addEventListener('keydown', (event) => {
    const rtl = getComputedStyle(element).direction === 'rtl';
    const last = nodes.length - 1;
    let to: number | undefined;
    switch (event.key) {
      case 'ArrowRight':
        to = roving + (rtl ? -1 : 1);
        break;
      case 'ArrowLeft':
        to = roving + (rtl ? 1 : -1);
        break;
      case 'ArrowDown':
        to = onNextLine(1);
        break;
      case 'ArrowUp':
        to = onNextLine(-1);
        break;
      case 'Home':
        to = 0;
        break;
      case 'End':
        to = last;
        break;
      case 'm':
      case 'M':
        if (sequence !== 'source' || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        app.toggleMasks(lockedWith(roving));
        return;
      case 'Enter':
      case ' ':
        event.preventDefault();
        app.lock({ sequence, index: roving }, event.shiftKey || event.ctrlKey || event.metaKey);
        return;
      default:
        return;
    }
    event.preventDefault();
    rove(to, true);
  });

  return {
    element,
    setTokens(next, nextRoles) {
      const { generated, masks, chat } = nextRoles;
      let same = 0;
      if (generated === roles.generated && chat === roles.chat) {
        while (
          same < tokens.length &&
          same < next.length &&
          sameToken(tokens[same], next[same]) &&
          masks.get(same) === roles.masks.get(same)
        )
          same++;
      }
      roles = nextRoles;
      element.dir = directionOfTokens(next);
      if (same === tokens.length && same === next.length) {
        tokens = next;
        return;
      }
      const held = nodes.findIndex((node) => node === document.activeElement);
      // Everything after the last token that stays goes; appending is the common case while tokens stream in.
      const keep = same === 0 ? null : (nodes[same - 1] ?? null);
      while (element.lastChild && element.lastChild !== keep) element.lastChild.remove();
      nodes = nodes.slice(0, same);
      const fresh = document.createDocumentFragment();
      for (let index = same; index < next.length; index++) {
        const token = next[index];
        if (!token) continue;
        if (index === generated && index > 0 && next.slice(0, index).some(({ special }) => !special)) {
          fresh.append(el('span', { class: 'boundary', role: 'presentation', title: 'Generated from here on' }, ' ⟶ '));
        }
        for (const node of tokenNodes(token, next[index - 1], index, roles)) {
          if (node instanceof HTMLElement && node.dataset['index'] !== undefined) nodes.push(node);
          fresh.append(node);
        }
      }
      element.append(fresh);
      tokens = next;
      painted = new Int16Array(next.length).fill(-2);
      roving = Math.min(roving, Math.max(0, nodes.length - 1));
      rove(roving, held >= 0);
    },
    paint(weights, scale, palette, hideSpecial, what) {
      const { ramp, highContrast } = palette;
      // A theme's change repaints everything: the steps are the same, the colours are not.
      if (ramp !== paintedWith) painted.fill(-2);
      paintedWith = ramp;
      titleOf = (index) => {
        const token = tokens[index];
        if (!token) return '';
        const hidden = hideSpecial && token.special;
        const weight = hidden ? undefined : weights?.[index];
        return weight === undefined
          ? `${hidden ? 'hidden by the switch above, ' : ''}${tokenTitle(token, index, roles)}`
          : `${what} ${exactWeight(weight)} (${tokenTitle(token, index, roles)})`;
      };
      for (let index = 0; index < nodes.length; index++) {
        const node = nodes[index];
        const token = tokens[index];
        if (!node || !token) continue;
        const hidden = hideSpecial && token.special;
        const weight = weights === null || hidden || index >= weights.length ? undefined : (weights[index] ?? 0);
        const step = weight === undefined ? -1 : rampIndex(weight * scale);
        if (painted[index] !== step) {
          painted[index] = step;
          node.style.backgroundColor = step > 0 ? (ramp.fill[step] ?? '') : '';
          node.style.color = step > 0 ? (ramp.text[step] ?? '') : '';
          if (highContrast) node.style.borderBottomWidth = step > 0 ? `${Math.ceil((step / 255) * 4)}px` : '';
        }
      }
    },
    mark(current, locked, second) {
      for (const node of element.querySelectorAll('.current, .locked, .second')) {
        node.classList.remove('current', 'locked', 'second');
        setAttribute(node, 'aria-selected', 'false');
      }
      for (const index of current) {
        nodes[index]?.classList.add(locked ? 'locked' : 'current');
        if (locked) nodes[index]?.setAttribute('aria-selected', 'true');
      }
      if (second !== null) nodes[second]?.classList.add('second');
    },
    token: (index) => nodes[index],
  };
}
