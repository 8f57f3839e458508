/** What the numbers do and do not say, and what is known about the model. */
import type { App } from '../../state/app';
import { el } from '../../dom';
import { count } from '../../format';
import { hasTemplateTokens } from '../../state/appState';

const CAVEAT =
  'Attention shows where the model looked, not why it answered so: heads can be changed a lot without changing the output (Jain and Wallace 2019; Wiegreffe and Pinter 2019).';

export function notesView(app: App): HTMLElement {
  const list = el('ul', { class: 'notes' });
  const about = el('ul', { class: 'about-notes' });
  const facts = el('p', { class: 'hint' });
  const details = el('details', { class: 'about' }, el('summary', {}, 'About this model'), facts, about);
  app.store.watch(
    ({ snapshot }) =>
      [
        snapshot?.model,
        snapshot?.source.length ?? 0,
        snapshot?.target.length ?? 0,
        snapshot?.chat === true && !hasTemplateTokens(snapshot),
      ] as const,
    ([model, source, target, placeless]) => {
      const longest = Math.max(source, target);
      const notes = [CAVEAT];
      if (model && model.headDimension > 0 && longest > model.headDimension) {
        notes.push(
          `This text has ${count(longest)} tokens, more than the ${count(model.headDimension)} dimensions of a head: other weights could give the same output (Brunner et al. 2020), so read single numbers with care.`,
        );
      }
      if (placeless && target > 0)
        notes.push(
          'The chat template changes the text, so its tokens have no place in the editor, which is not coloured.',
        );
      list.replaceChildren(...notes.map((note) => el('li', {}, note)));
      details.hidden = !model;
      if (!model) return;
      facts.textContent = `${model.name}: ${model.family}, vocabulary ${count(model.vocabularySize)}, at most ${count(model.maxTokens)} tokens in, ${count(model.maxNewTokens)} out${model.headDimension > 0 ? `, head dimension ${model.headDimension}` : ''}.`;
      about.replaceChildren(...model.notes.map((note) => el('li', {}, note)));
    },
  );
  return el('footer', { class: 'footer' }, list, details);
}
