/** What an encoder-only model would put in the place of each masked token, and how probable the hidden token is there. */
import type { MaskFill } from '../../../src/protocol/engine';
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import type { App } from '../../state/app';
import { button } from '../../controls/button';
import { el, setText } from '../../dom';
import { count, percent, tokenLabel } from '../../format';
import { section } from '../frame/section';

/** One masked position: its ten most probable tokens; the hidden one is marked where it is among them. */
function fillNode(app: App, { index, top, original }: MaskFill, vocabulary: number): HTMLElement {
  const place = el(
    'button',
    {
      class: 'fill-place',
      title: 'Lock this token',
      on: { click: () => app.lock({ sequence: 'source', index }, false) },
    },
    original ? el('bdi', {}, `“${tokenLabel(original)}”`) : 'Mask',
    ` at ${index + 1}`,
  );
  const unmask =
    original &&
    button({
      label: `Unmask “${tokenLabel(original)}”`,
      icon: 'close',
      iconOnly: true,
      press: () => app.toggleMasks([index]),
    }).element;
  const rows = top.map((token) => {
    const { id, probability } = token;
    const bar = el('span', { class: 'bar' });
    bar.style.width = `${Math.max(0.5, probability * 100)}%`;
    const own = id === original?.id;
    return el(
      'li',
      { class: own ? 'own' : '', title: own ? 'The token that the mask hides' : '' },
      el('bdi', { class: 'fill-token' }, tokenLabel(token)),
      el('span', { class: 'bar-track', aria: { hidden: true } }, bar),
      el('span', { class: 'number' }, percent(probability)),
    );
  });
  return el(
    'div',
    {
      class: 'fill',
      role: 'group',
      aria: { label: `Masked token ${index + 1}` },
      on: { pointerenter: () => app.hover({ sequence: 'source', index }), pointerleave: () => app.hover(null) },
    },
    el(
      'div',
      { class: 'fill-head' },
      place,
      original &&
        el(
          'p',
          { class: 'fill-original' },
          el('bdi', {}, `“${tokenLabel(original)}”`),
          ' itself: ',
          el('span', { class: 'fill-share' }, percent(original.probability)),
          `, rank ${count(original.rank)} of ${count(vocabulary)}`,
        ),
      unmask,
    ),
    el('ol', { aria: { label: `Most probable tokens at position ${index + 1}` } }, ...rows),
  );
}

/** What changed in words, for who does not see it. */
function news(before: ExplanationSnapshot['fills'], now: ExplanationSnapshot['fills']): string {
  const had = new Map(before.map((fill) => [fill.index, fill]));
  const has = new Set(now.map(({ index }) => index));
  const fresh = now
    .filter(({ index }) => !had.has(index))
    .map(({ original, top }) => {
      const [best] = top;
      const likely = best ? ` Most probable there: “${tokenLabel(best)}”, ${percent(best.probability)}.` : '';
      return original
        ? `“${tokenLabel(original)}” is masked.${likely} “${tokenLabel(original)}” itself has ${percent(original.probability)}, rank ${count(original.rank)}.`
        : '';
    });
  const gone = before
    .filter(({ index }) => !has.has(index))
    .map(({ original }) => (original ? `“${tokenLabel(original)}” is no longer masked.` : ''));
  return [...fresh, ...gone].filter((sentence) => sentence !== '').join(' ');
}

/** @param hint what to do where nothing is masked */
export function fillsView(app: App, hint: string): HTMLElement {
  const all = button({
    label: 'Unmask all',
    icon: 'discard',
    title: 'Read the text as it is again',
    press: () => app.unmaskAll(),
  });
  const { element, body } = section('Masked tokens', el('span', { class: 'spacer' }), all.element);
  const list = el('div', { class: 'fill-list' });
  const told = el('p', { class: 'unseen', role: 'status', aria: { live: 'polite' } });
  const advice = el('p', { class: 'hint' });
  element.classList.add('fills');
  body.append(advice, list, told);
  let shown: ExplanationSnapshot['fills'] = [];
  let title: string | undefined;
  app.store.watch(
    // Not the list itself: every answer of the host's brings a new one with the same in it.
    ({ snapshot }) => [snapshot?.id, snapshot?.fills.length, snapshot?.model?.fillsMasks] as const,
    ([, , fillsMasks], { snapshot }) => {
      const fills = snapshot?.fills ?? [];
      element.hidden = fillsMasks !== true;
      all.element.hidden = snapshot === null || snapshot.masked.length === 0;
      setText(
        advice,
        fills.length === 0
          ? hint
          : 'What the model would put there: softmax over the whole vocabulary at temperature 1.',
      );
      // The keyboard stays where it was, or goes to what took that place.
      const held = [...list.children].findIndex((node) => node.contains(document.activeElement));
      list.replaceChildren(...fills.map((fill) => fillNode(app, fill, snapshot?.model?.vocabularySize ?? 0)));
      if (held >= 0)
        list.children[Math.min(held, fills.length - 1)]?.querySelector<HTMLElement>('.fill-place')?.focus();
      // Another text is not news about this one's masks.
      setText(told, title === snapshot?.title ? news(shown, fills) : '');
      title = snapshot?.title;
      shown = fills;
    },
  );
  return element;
}
