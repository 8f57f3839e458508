/** By which role the overview is arranged: role, what it was measured on, order, and which heads are left out. */
import { ROLES } from '../../../src/measure/roles/role';
import { rolesOf } from '../../../src/measure/roles/roleText';
import type { RoleName } from '../../../src/attention/types';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { dropdown } from '../../controls/dropdown';
import { el, setText } from '../../dom';
import { kindInfo } from '../../state/appState';
import { MEASURED_ON, ORDERS, type Ranking } from '../../state/shown/ranking';
import { view } from '../view';

/** Bounds that can be chosen, by what a role's score counts. */
const BOUNDS = { share: [0.1, 0.25, 0.5, 0.75, 0.9], tokens: [1, 2, 5, 10, 20] } as const;

export const roleBar = view((app, scope) => {
  const { state } = app;
  let roles: readonly (RoleName | null)[] = [null];
  let bounds: readonly (number | null)[] = [null];
  const change = (patch: Partial<Ranking>): void => app.setRanking({ ...state.ranking, ...patch });

  // A bound of another role's unit would leave out nothing or everything.
  const role = dropdown(say('webview.roles.by'), (index) => change({ role: roles[index] ?? null, bound: null }));
  const on = dropdown(say('webview.roles.measuredOn'), (index) => change({ on: MEASURED_ON[index] ?? 'text' }));
  const order = dropdown(say('webview.roles.order'), (index) =>
    change({ order: ORDERS[index] ?? 'highest', bound: null }),
  );
  const bound = dropdown(say('webview.roles.filter'), (index) => change({ bound: bounds[index] ?? null }));
  const measure = button({
    label: say('webview.roles.measure'),
    icon: 'beaker',
    title: say('webview.roles.measureTitle'),
    press: () => {
      change({ on: 'probe' });
      app.act(app.api.command({ name: 'measureHeads' }));
    },
  });
  for (const [name, { element }] of Object.entries({ role, on, order, bound })) element.classList.add(`by-${name}`);
  const about = el('p', { class: 'hint' });
  const caveat = el('p', { class: 'hint role-caveat' }, say('webview.roles.caveat'));
  const more = el('span', { class: 'role-more' }, on.element, order.element, bound.element, measure.element);
  const element = el(
    'div',
    { class: 'role-bar', role: 'group', aria: { label: say('webview.roles.label') } },
    el('div', { class: 'role-controls' }, role.element, more),
    about,
    caveat,
  );

  scope.draw(() => {
    const { ranking, scores, snapshot, view: shown } = state;
    const info = kindInfo(snapshot, shown.kind);
    roles = [null, ...(info ? rolesOf(info) : [])];
    const at = Math.max(0, roles.indexOf(ranking.role));
    role.set(
      roles.map((name) => (name === null ? say('webview.roles.none') : say(ROLES[name].title))),
      at,
    );
    const chosen = roles[at] ?? null;
    for (const part of [more, about, caveat]) part.hidden = chosen === null;
    if (chosen === null) return;
    const { unit, about: sentence } = ROLES[chosen];
    setText(about, say(sentence));
    const probe =
      scores === null ? say('webview.roles.probe') : say('webview.roles.probeOf', { sentences: scores.sentences });
    on.set([say('webview.roles.text'), probe], MEASURED_ON.indexOf(ranking.on));
    order.set(
      ORDERS.map((name) => say(`webview.roles.${name}`)),
      ORDERS.indexOf(ranking.order),
    );
    bounds = [null, ...BOUNDS[unit]];
    const words = ranking.order === 'lowest' ? 'webview.roles.atMost' : 'webview.roles.atLeast';
    bound.set(
      bounds.map((value) => (value === null ? say('webview.roles.all') : say(words, { bound: value }))),
      Math.max(0, bounds.indexOf(ranking.bound)),
    );
    measure.element.hidden = scores !== null;
  });
  return element;
});
