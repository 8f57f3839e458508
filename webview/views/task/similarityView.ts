/** How near two texts are by their vectors, and what these are. */
import { MEASURES } from '../../../src/measure/measure';
import { exactNumber } from '../../../src/measure/numbers';
import type { SimilarityResult } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { count } from '../../format';

export function similarityNodes({ cosine, dimensions, pooling, assumed }: SimilarityResult): readonly HTMLElement[] {
  const made = say(`webview.task.vector.${pooling}`, { count: count(dimensions) });
  const shown =
    cosine === null
      ? []
      : [
          el(
            'p',
            { class: 'answer-number' },
            say('webview.task.cosine', { cosine: exactNumber(cosine, MEASURES.difference) }),
          ),
        ];
  return [
    ...shown,
    el('p', { class: 'hint' }, [made, assumed ? say('webview.task.assumed') : ''].filter(Boolean).join(' ')),
    ...(cosine === null ? [] : [el('p', { class: 'hint' }, say('webview.task.apart'))]),
  ];
}
