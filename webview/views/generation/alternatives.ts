/** The selected step's ten most probable next tokens; any of them can be taken instead. */
import type { App } from '../../state/app';
import { el, numberUnder, setText } from '../../dom';
import { percent, tokenLabel } from '../../format';
import { section } from '../frame/section';
import { shownStep } from './steps';

export function alternativesView(app: App): HTMLElement {
  const { store, api } = app;
  const note = el('span', { class: 'section-note' });
  const { element, body } = section('Next token', note);
  const list = el('div', {
    class: 'alternatives',
    role: 'group',
    aria: { label: 'Most probable next tokens; choose one to branch' },
  });
  const rest = el('p', { class: 'hint' });
  body.append(list, rest);
  store.watch(
    ({ snapshot, step }) => [snapshot?.steps ?? [], step, snapshot?.status] as const,
    ([steps, chosen, status]) => {
      const at = shownStep(chosen, steps);
      const step = steps[at];
      element.hidden = !step;
      if (!step) return;
      setText(note, `step ${at + 1}`);
      const busy = status === 'generating' || status === 'loading' || status === 'encoding';
      const held = [...list.children].findIndex((node) => node === document.activeElement);
      list.replaceChildren(
        ...step.top.map((token) => {
          const { id, probability } = token;
          const label = tokenLabel(token);
          const bar = el('span', { class: 'bar' });
          bar.style.width = `${Math.max(0.5, probability * 100)}%`;
          const taken = id === step.chosen.id;
          const title = taken ? 'Taken at this step' : `Go on with “${label}” from here`;
          const node = el(
            'button',
            { class: taken ? 'alternative taken' : 'alternative', title, data: { token: id } },
            el('bdi', { class: 'alternative-token' }, label),
            el('span', { class: 'bar-track', aria: { hidden: true } }, bar),
            el('span', { class: 'number' }, percent(probability)),
          );
          node.disabled = busy || taken;
          return node;
        }),
      );
      if (held >= 0) list.querySelectorAll<HTMLElement>('button')[held]?.focus();
      const mass = step.top.reduce((sum, { probability }) => sum + probability, 0);
      const outside = !step.top.some(({ id }) => id === step.chosen.id);
      setText(
        rest,
        `${outside ? `Taken: “${tokenLabel(step.chosen)}”, ${percent(step.chosen.probability)}, rank ${step.rank}. ` : ''}All other tokens together: ${percent(Math.max(0, 1 - mass))}. Softmax over the whole vocabulary at temperature 1.`,
      );
    },
  );
  list.addEventListener('click', (event) => {
    const token = numberUnder(event, 'token');
    const { snapshot, step } = store.get();
    if (token !== undefined && snapshot) app.act(api.branch({ step: shownStep(step, snapshot.steps), token }));
  });
  list.addEventListener('keydown', (event) => {
    const nodes = [...list.querySelectorAll<HTMLButtonElement>('button:enabled')];
    const at = nodes.findIndex((node) => node === document.activeElement);
    const next = event.key === 'ArrowDown' ? nodes[at + 1] : event.key === 'ArrowUp' ? nodes[at - 1] : undefined;
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  return element;
}
