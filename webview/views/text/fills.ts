/** What an encoder-only model would put in the place of each masked token, and how probable the hidden token is there. */
import { computed, untracked } from '@preact/signals-core';
import type { MaskFill } from '../../../src/protocol/engine';
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import { say } from '../../../src/text/say';
import type { App } from '../../state/app';
import { button } from '../../controls/button';
import { el, setText } from '../../dom';
import { count, percent, tokenLabel } from '../../format';
import { sentence } from '../../sentence';
import { follow } from '../../state/frames';
import { announcer } from '../announcer';
import { section } from '../frame/section';
import { view, type View } from '../view';

/** One of the most probable tokens; the hidden one is marked. */
function fillRow(token: MaskFill['top'][number], own: boolean): HTMLElement {
  const { probability } = token;
  const bar = el('span', { class: 'bar' });
  bar.style.width = `${Math.max(0.5, probability * 100)}%`;
  return el(
    'li',
    { class: own ? 'own' : '', title: own ? say('webview.fills.own') : '' },
    el('bdi', { class: 'fill-token' }, tokenLabel(token)),
    el('span', { class: 'bar-track', aria: { hidden: true } }, bar),
    el('span', { class: 'number' }, percent(probability)),
  );
}

/** One masked position: its ten most probable tokens; the hidden one is marked where it is among them. */
function fillNode(app: App, { index, top, original }: MaskFill, vocabulary: number): HTMLElement {
  const position = index + 1;
  const token = original === null ? '' : tokenLabel(original);
  const place = el(
    'button',
    {
      class: 'fill-place',
      title: say('webview.fills.lock'),
      on: { click: () => app.lock({ sequence: 'source', index }, false) },
    },
    ...(original
      ? sentence('webview.fills.tokenAt', { token: el('bdi', {}, token), position: String(position) })
      : [say('webview.fills.maskAt', { position })]),
  );
  const unmask =
    original &&
    button({
      label: say('webview.fills.unmask', { token }),
      icon: 'close',
      iconOnly: true,
      press: () => app.toggleMasks([index]),
    }).element;
  const itself =
    original &&
    el(
      'p',
      { class: 'fill-original' },
      ...sentence('webview.fills.itself', {
        token: el('bdi', {}, token),
        share: el('span', { class: 'fill-share' }, percent(original.probability)),
        rank: count(original.rank),
        all: count(vocabulary),
      }),
    );
  return el(
    'div',
    {
      class: 'fill',
      role: 'group',
      aria: { label: say('webview.fills.group', { position }) },
      on: { pointerenter: () => app.hover({ sequence: 'source', index }), pointerleave: () => app.hover(null) },
    },
    el('div', { class: 'fill-head' }, place, itself, unmask),
    el(
      'ol',
      { aria: { label: say('webview.fills.list', { position }) } },
      ...top.map((one) => fillRow(one, one.id === original?.id)),
    ),
  );
}

/** What a new mask shows, in words. */
function maskNews({ original, top }: MaskFill): string {
  if (!original) return '';
  const [best] = top;
  const token = tokenLabel(original);
  return [
    say('webview.fills.nowMasked', { token }),
    best ? say('webview.fills.mostProbable', { token: tokenLabel(best), share: percent(best.probability) }) : '',
    say('webview.fills.itselfHas', { token, share: percent(original.probability), rank: count(original.rank) }),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** What has changed, in words for a screen reader. */
function news(before: ExplanationSnapshot['fills'], now: ExplanationSnapshot['fills']): string {
  const had = new Set(before.map(({ index }) => index));
  const has = new Set(now.map(({ index }) => index));
  const fresh = now.filter(({ index }) => !had.has(index)).map(maskNews);
  const gone = before
    .filter(({ index }) => !has.has(index))
    .map(({ original }) => (original ? say('webview.fills.nowFree', { token: tokenLabel(original) }) : ''));
  return [...fresh, ...gone].filter((sentence) => sentence !== '').join(' ');
}

/** @param hint what to do where nothing is masked */
export const fillsView = (hint: string): View =>
  view((app, scope) => {
    const all = button({
      label: say('webview.fills.unmaskAll'),
      icon: 'discard',
      title: say('webview.fills.unmaskAllTitle'),
      press: () => app.unmaskAll(),
    });
    const { element, body } = section(say('webview.fills.title'), el('span', { class: 'spacer' }), all.element);
    const list = el('div', { class: 'fill-list' });
    const told = announcer();
    const advice = el('p', { class: 'hint' });
    element.classList.add('fills');
    body.append(advice, list, told.element);
    let shown: ExplanationSnapshot['fills'] = [];
    let title: string | undefined;
    // A text that stands for the list, since every whole snapshot brings a new list with the same masks in it.
    const reading = computed(() => {
      const { snapshot } = app.state;
      return `${snapshot?.id ?? ''}/${snapshot?.fills.map(({ index }) => index).join() ?? ''}/${snapshot?.model?.fillsMasks === true}`;
    });
    scope.draw(() => {
      follow(reading.value);
      // Drawn only when `reading` changes, so that tokens that stream in do not make the list anew.
      const snapshot = untracked(() => app.state.snapshot);
      const fills = snapshot?.fills ?? [];
      element.hidden = snapshot?.model?.fillsMasks !== true;
      all.element.hidden = snapshot === null || snapshot.masked.length === 0;
      setText(advice, fills.length === 0 ? hint : say('webview.fills.about'));
      // The keyboard stays where it was, or goes to what took that place.
      const held = [...list.children].findIndex((node) => node.contains(document.activeElement));
      list.replaceChildren(...fills.map((fill) => fillNode(app, fill, snapshot?.model?.vocabularySize ?? 0)));
      if (held >= 0)
        list.children[Math.min(held, fills.length - 1)]?.querySelector<HTMLElement>('.fill-place')?.focus();
      // Another text is not news about this one's masks.
      told.say(title === snapshot?.title ? news(shown, fills) : '');
      title = snapshot?.title;
      shown = fills;
    });
    return element;
  });
