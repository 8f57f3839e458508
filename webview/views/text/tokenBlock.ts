/** One sequence as running text whose tokens, or words, can be hovered, focused, locked and coloured. */
import type { SequenceName } from '../../../src/attention/types';
import { unitAt, unitsWith, type Unit } from '../../../src/measure/units';
import { directionOfTokens } from '../../../src/attention/tokenLabel';
import type { App } from '../../state/app';
import type { Colouring } from '../../state/appState';
import { el, numberUnder, setAttribute } from '../../dom';
import { exactNumber } from '../../../src/measure/numbers';
import { say } from '../../../src/text/say';

import { colourOf, rampOf, type Palette } from '../../theme';
import type { Ramp } from '../../render/ramp';
import type { Scope } from '../view';
import { hiddenBy, NO_ROLES, sameUnit, unitNodes, unitTitle, type TokenRoles } from './tokenNodes';

export interface TokenBlock {
  readonly element: HTMLElement;
  setUnits(units: readonly Unit[], roles: TokenRoles): void;
  /** Colours each unit by its number; undefined clears. Hidden ones are left out of the colouring. */
  paint(colours: Colouring | undefined, palette: Palette): void;
  /** Marks the looked-at tokens: `current` follows pointer or keys, `locked` stays, `second` is compared with. */
  mark(current: readonly number[], locked: boolean, second: number | null): void;
  /** The node that shows a token, by the token's place in the sequence. */
  token(index: number): HTMLElement | undefined;
  /** The node of a unit, by its place among the units. */
  unit(index: number): HTMLElement | undefined;
}

/** A longer text is laid out part by part, so that what is not in sight costs nothing; its parts begin on lines of their own. */
const LONG = 1024;
const PART = 256;
/** Most units that are made or coloured in one frame; those of a text of more follow frame by frame. */
const AT_ONCE = 256;
/** So many are made before the clock is looked at, and no more once making them has taken so long, in milliseconds. */
const STRIDE = 16;
const ENOUGH_MILLISECONDS = 4;

/** Strength as a border, for themes in which fills alone are not enough; below zero it is dashed. */
function underline(node: HTMLElement, steps: number, most: number): void {
  node.style.borderBottomWidth = steps === 0 ? '' : `${Math.ceil((Math.abs(steps) / most) * 4)}px`;
  node.style.borderBottomStyle = steps < 0 ? 'dashed' : '';
}

/** @param scope of the view that it is a part of, which ends its listeners and frames */
export function tokenBlock(app: App, scope: Scope, sequence: SequenceName): TokenBlock {
  const element = el('div', { class: 'tokens', role: 'listbox', aria: { multiselectable: true } });
  // It is not known which language the text is in; an empty `lang` keeps a screen reader from taking it for the page's.
  element.lang = '';
  let units: readonly Unit[] = [];
  let nodes: HTMLElement[] = [];
  /** The colour step of each token; -1 none, -2 not painted yet. */
  let painted = new Int16Array(0);
  let paintedWith: Ramp | undefined;
  let titleOf: (index: number) => string = () => '';
  let roving = 0;
  let roles = NO_ROLES;
  const parts: HTMLElement[] = [];
  /** Units from here on have not been coloured since the colours changed. */
  let unpainted = 0;
  let colouring: Colouring | undefined;
  let colours: Palette | undefined;
  let marked: Parameters<TokenBlock['mark']> = [[], false, null];

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

  /** The first token of a unit. */
  const tokenOf = (index: number): number => units[index]?.from ?? index;

  /** The locked tokens where those of the unit at `index` are among them, else those alone. */
  const lockedWith = (index: number): readonly number[] => {
    const { focus } = app.state;
    const own = units[index]?.pieces.map((_, piece) => tokenOf(index) + piece) ?? [];
    return focus?.locked === true && focus.sequence === sequence && focus.indices.includes(tokenOf(index))
      ? focus.indices
      : own;
  };

  scope.listen(element, 'pointerover', (event) => {
    const index = numberUnder(event, 'index');
    if (index === undefined) return;
    // The title is made only for the token that is pointed at: making it for a thousand tokens would take long.
    const node = nodes[index];
    if (node) node.title = titleOf(index);
    app.hover({ sequence, index: tokenOf(index) });
  });
  scope.listen(element, 'pointerleave', () => app.hover(null));
  scope.listen(element, 'click', (event) => {
    const index = numberUnder(event, 'index');
    if (index === undefined) return;
    rove(index, true);
    app.lock({ sequence, index: tokenOf(index) }, event.shiftKey || event.ctrlKey || event.metaKey);
  });
  scope.listen(element, 'dblclick', (event) => {
    const index = numberUnder(event, 'index');
    if (index !== undefined) app.act(app.api.reveal({ sequence, index: tokenOf(index) }));
  });
  scope.listen(element, 'focusin', (event) => {
    const index = numberUnder(event, 'index');
    if (index === undefined) return;
    if (index !== roving) rove(index, false);
    app.hover({ sequence, index: tokenOf(index) });
  });
  scope.listen(element, 'focusout', (event) => {
    if (!(event.relatedTarget instanceof Node && element.contains(event.relatedTarget))) app.hover(null);
  });
  scope.listen(element, 'keydown', (event) => {
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
        app.lock({ sequence, index: tokenOf(roving) }, event.shiftKey || event.ctrlKey || event.metaKey);
        return;
      default:
        return;
    }
    event.preventDefault();
    rove(to, true);
  });

  const isLong = (): boolean => units.length > LONG;
  /** True for a text that is made and coloured over several frames. */
  const isMuch = (): boolean => units.length > AT_ONCE;
  /** The part of the text that a unit is in. */
  const partOf = (index: number): HTMLElement => {
    if (!isLong()) return element;
    const at = Math.floor(index / PART);
    let part = parts[at];
    if (!part) {
      part = el('div', { class: 'text-part', role: 'presentation' });
      parts[at] = part;
      element.append(part);
    }
    return part;
  };

  /** Takes the nodes from a unit on away. */
  const removeFrom = (index: number): void => {
    for (const part of parts.splice(Math.ceil(index / PART))) part.remove();
    const keep = index === 0 ? null : (nodes[index - 1] ?? null);
    const parent = keep?.parentElement ?? element;
    while (parent.lastChild && parent.lastChild !== keep) parent.lastChild.remove();
    nodes = nodes.slice(0, index);
  };

  /** Makes the nodes of the units that have none, up to `end`. */
  const add = (end: number): void => {
    let part = partOf(nodes.length);
    let fresh = document.createDocumentFragment();
    for (let index = nodes.length; index < end; index++) {
      const unit = units[index];
      if (!unit) break;
      if (partOf(index) !== part) {
        part.append(fresh);
        part = partOf(index);
        fresh = document.createDocumentFragment();
      }
      const before = units[index - 1];
      const isFirstGenerated = unit.from >= roles.generated && (before?.from ?? -1) < roles.generated;
      if (isFirstGenerated && index > 0 && units.slice(0, index).some(({ special }) => !special)) {
        const title = say('webview.token.generatedFromHere');
        fresh.append(el('span', { class: 'boundary', role: 'presentation', title }, ' ⟶ '));
      }
      for (const node of unitNodes(unit, before, index, roles)) {
        if (node instanceof HTMLElement && node.dataset['index'] !== undefined) nodes.push(node);
        fresh.append(node);
      }
    }
    part.append(fresh);
  };

  const paintUntil = (end: number): void => {
    const began = performance.now();
    for (; unpainted < Math.min(end, nodes.length); unpainted++) {
      if (isMuch() && unpainted % STRIDE === 0 && performance.now() - began > ENOUGH_MILLISECONDS) return;
      const node = nodes[unpainted];
      if (!node || !colours) continue;
      const value = colouring?.isHidden(unpainted) === true ? undefined : colouring?.values[unpainted];
      const colour =
        colouring && value !== undefined && !Number.isNaN(value)
          ? colourOf(colours, colouring.measure, value * colouring.scale)
          : undefined;
      const step = colour?.step ?? -1;
      if (painted[unpainted] === step) continue;
      painted[unpainted] = step;
      node.style.backgroundColor = colour?.fill ?? '';
      node.style.color = colour?.text ?? '';
      const zero = paintedWith?.zero ?? 0;
      underline(node, colours.highContrast && colour ? step - zero : 0, 255 - zero);
    }
  };

  const mark = (current: readonly number[], locked: boolean, second: number | null): void => {
    for (const node of element.querySelectorAll('.current, .locked, .second')) {
      node.classList.remove('current', 'locked', 'second');
      setAttribute(node, 'aria-selected', 'false');
    }
    for (const index of unitsWith(units, current)) {
      nodes[index]?.classList.add(locked ? 'locked' : 'current');
      if (locked) nodes[index]?.setAttribute('aria-selected', 'true');
    }
    if (second !== null) nodes[unitAt(units, second)]?.classList.add('second');
  };

  /** As many units of such a text as a frame has time for. */
  const addSome = (): void => {
    const began = performance.now();
    const end = nodes.length + AT_ONCE;
    do add(nodes.length + STRIDE);
    while (nodes.length < Math.min(end, units.length) && performance.now() - began < ENOUGH_MILLISECONDS);
  };

  /** Goes on with a long text: what is made in one frame is marked at once, and coloured in this one or the next. */
  const more = scope.onFrame(() => {
    const made = nodes.length;
    if (made < units.length) {
      addSome();
      mark(...marked);
    }
    if (made === units.length || unpainted >= made) paintUntil(unpainted + AT_ONCE);
    if (nodes.length < units.length || unpainted < nodes.length) more();
  });

  return {
    element,
    setUnits(next, nextRoles) {
      const { generated, masks, chat } = nextRoles;
      const hides = (unit: Unit | undefined, by: TokenRoles['masks']) => unit && hiddenBy(unit, by);
      let same = 0;
      // A text that has become long, or is no longer, stands in other parts.
      if (generated === roles.generated && chat === roles.chat && units.length > LONG === next.length > LONG) {
        while (
          same < nodes.length &&
          same < next.length &&
          sameUnit(units[same], next[same]) &&
          hides(next[same], masks) === hides(units[same], roles.masks)
        )
          same++;
      }
      const isSame = same === units.length && same === next.length;
      roles = nextRoles;
      element.dir = directionOfTokens(next);
      units = next;
      if (isSame) return;
      const held = nodes.findIndex((node) => node === document.activeElement);
      // Everything after the last unit that stays goes; appending is the common case while tokens stream in.
      removeFrom(same);
      painted = new Int16Array(next.length).fill(-2);
      unpainted = 0;
      if (isMuch()) addSome();
      else add(next.length);
      roving = Math.min(roving, Math.max(0, nodes.length - 1));
      rove(roving, held >= 0);
      if (nodes.length < next.length) more();
    },
    paint(next, palette) {
      const ramp = next ? rampOf(palette, next.measure) : palette.ramp;
      // A change of theme or scale repaints everything: the steps are the same, the colours are not.
      if (ramp !== paintedWith) painted.fill(-2);
      paintedWith = ramp;
      colouring = next;
      colours = palette;
      unpainted = 0;
      titleOf = (index) => {
        const unit = units[index];
        if (!unit) return '';
        const about = unitTitle(unit, roles);
        if (next?.isHidden(index) === true) return say('webview.token.hiddenBySwitch', { about });
        const value = next?.values[index];
        if (!next || value === undefined) return about;
        if (Number.isNaN(value)) return say('webview.compare.noPartner', { about });
        return say('webview.token.number', { what: next.what, number: exactNumber(value, next.measure), about });
      };
      paintUntil(isMuch() ? AT_ONCE : nodes.length);
      if (unpainted < nodes.length) more();
    },
    mark(...marks) {
      marked = marks;
      mark(...marks);
    },
    token: (index) => nodes[unitAt(units, index)],
    unit: (index) => nodes[index],
  };
}
