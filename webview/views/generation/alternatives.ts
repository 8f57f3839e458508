/** The selected step's ten most probable next tokens; any of them can be taken instead. */
import type { DecoderStep } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, numberUnder, setText } from '../../dom';
import { labelsApart, percent, tokenLabel } from '../../format';
import { likelyChoice, predictedPlaces } from '../../state/attribution/attributedPlaces';
import { section } from '../frame/section';
import { view } from '../view';
import { shownStep } from './steps';
import { isBusy } from '../../state/appState';

/** What the list leaves out: all other tokens, and the one that was taken where it is not among the most probable. */
function restText({ top, chosen, rank }: DecoderStep): string {
  const mass = top.reduce((sum, { probability }) => sum + probability, 0);
  const rest = say('webview.alternatives.rest', { share: percent(Math.max(0, 1 - mass)) });
  if (top.some(({ id }) => id === chosen.id)) return rest;
  const taken = say('webview.alternatives.takenOutside', {
    token: tokenLabel(chosen),
    share: percent(chosen.probability),
    rank,
  });
  return `${taken} ${rest}`;
}

function nodeOf(one: DecoderStep['top'][number], token: string, taken: boolean, busy: boolean): HTMLElement {
  const { id, probability } = one;
  const bar = el('span', { class: 'bar' });
  bar.style.width = `${Math.max(0.5, probability * 100)}%`;
  const title = taken ? say('webview.alternatives.taken', { id }) : say('webview.alternatives.goOn', { token, id });
  const node = el(
    'button',
    { class: taken ? 'alternative taken' : 'alternative', title, data: { token: id } },
    el('bdi', { class: 'alternative-token' }, token),
    el('span', { class: 'bar-track', aria: { hidden: true } }, bar),
    el('span', { class: 'number' }, percent(probability)),
    one.after === undefined ? null : el('span', { class: 'number' }, percent(one.after)),
  );
  node.disabled = busy || taken;
  return node;
}

export const alternativesView = view((app, scope) => {
  const note = el('span', { class: 'section-note' });
  const why = button({
    label: say('webview.attribution.why'),
    title: say('webview.attribution.whyTitle'),
    press() {
      const { snapshot, step } = app.state;
      const place = predictedPlaces(snapshot)[shownStep(step, snapshot?.steps ?? [])];
      if (place) app.setView({ attribution: likelyChoice(place) });
    },
  });
  const { element, body } = section(say('webview.alternatives.title'), note);
  const list = el('div', {
    class: 'alternatives',
    role: 'group',
    aria: { label: say('webview.alternatives.label') },
  });
  const rest = el('p', { class: 'hint' });
  const heads = el(
    'div',
    { class: 'alternative-heads', aria: { hidden: true } },
    el('span'),
    el('span'),
    el('span', {}, say('webview.alternatives.own')),
    el('span', {}, say('webview.alternatives.after')),
  );
  body.append(heads, list, rest, el('div', {}, why.element));
  scope.draw(() => {
    const { snapshot, step: chosen } = app.state;
    const steps = snapshot?.steps ?? [];
    const at = shownStep(chosen, steps);
    const step = steps[at];
    element.hidden = !step;
    if (!step) return;
    setText(note, say('webview.alternatives.step', { index: at + 1 }));
    const busy = snapshot !== null && isBusy(snapshot);
    const held = [...list.children].findIndex((node) => node === document.activeElement);
    const hasAfter = step.chosen.after !== undefined;
    list.classList.toggle('after', hasAfter);
    heads.hidden = !hasAfter;
    const labels = labelsApart(step.top);
    list.replaceChildren(...step.top.map((one, at) => nodeOf(one, labels[at] ?? '', one.id === step.chosen.id, busy)));
    if (held >= 0) list.querySelectorAll<HTMLElement>('button')[held]?.focus();
    setText(rest, restText(step));
  });
  scope.listen(list, 'click', (event) => {
    const token = numberUnder(event, 'token');
    const { snapshot, step } = app.state;
    if (token !== undefined && snapshot) app.act(app.api.branch({ step: shownStep(step, snapshot.steps), token }));
  });
  scope.listen(list, 'keydown', (event) => {
    const nodes = [...list.querySelectorAll<HTMLButtonElement>('button:enabled')];
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = by === undefined ? undefined : nodes[nodes.findIndex((node) => node === document.activeElement) + by];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  return element;
});
