/** What the numbers do and do not say, and what is known about the model. */
import { sentenceLabel, textLabel } from '../../../src/attention/tokenLabel';
import type { ModelReport } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { count } from '../../format';
import { hasTemplateTokens } from '../../state/appState';
import { view } from '../view';

function factsOf(report: ModelReport): string {
  const facts = {
    model: textLabel(report.name),
    family: report.family,
    vocabulary: count(report.vocabularySize),
    tokensIn: count(report.maxTokens),
    tokensOut: count(report.maxNewTokens),
  };
  return report.headDimension > 0
    ? say('webview.notes.factsWithHead', { ...facts, dimension: report.headDimension })
    : say('webview.notes.facts', facts);
}

export const notesView = view((app, scope) => {
  const list = el('ul', { class: 'notes' });
  const about = el('ul', { class: 'about-notes' });
  const facts = el('p', { class: 'hint' });
  const details = el('details', { class: 'about' }, el('summary', {}, say('webview.notes.about')), facts, about);
  scope.draw(() => {
    const { snapshot } = app.state;
    const model = snapshot?.model;
    const target = snapshot?.target.length ?? 0;
    const longest = Math.max(snapshot?.source.length ?? 0, target);
    const notes = [say('webview.notes.caveat')];
    if (model && model.headDimension > 0 && longest > model.headDimension)
      notes.push(
        say('webview.notes.notIdentifiable', { tokens: count(longest), dimensions: count(model.headDimension) }),
      );
    if (snapshot?.chat === true && !hasTemplateTokens(snapshot) && target > 0)
      notes.push(say('webview.notes.template'));
    list.replaceChildren(...notes.map((note) => el('li', {}, note)));
    details.hidden = !model;
    if (!model) return;
    facts.textContent = factsOf(model);
    about.replaceChildren(...model.notes.map((note) => el('li', {}, sentenceLabel(note))));
  });
  return el('footer', { class: 'footer' }, list, details);
});
