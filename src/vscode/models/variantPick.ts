import * as vscode from 'vscode';
import type { Variant } from '../../hub/index';
import { plainLabel } from '../plainMessage';
import { sizeText } from './sizeText';
import { listOf } from '../../text/listInSentence';
import { say } from '../../text/say';

/** So many names are read in a list. */
const MOST_OTHERS = 3;

/** Which of several variants, the proposed one first; undefined where the user gave up. */
export async function pickVariant(
  variants: readonly Variant[],
  proposed: Variant | null,
): Promise<Variant | undefined> {
  if (variants.length <= 1) return variants[0];
  const ordered = proposed ? [proposed, ...variants.filter((variant) => variant !== proposed)] : variants;
  const choice = await vscode.window.showQuickPick(
    ordered.map((variant) => ({
      label: labelOf(variant),
      description:
        variant === proposed ? say('host.models.proposed', { size: sizeText(variant.bytes) }) : sizeText(variant.bytes),
      detail: detailOf(variant),
      variant,
    })),
    {
      title: say('host.models.precision'),
      placeHolder: say('host.models.precisionAbout'),
      ignoreFocusOut: true,
    },
  );
  return choice?.variant;
}

/** What it is called; a lone file whose name cannot be a part of an id goes by its own. */
function labelOf({ dtype, graphs }: Variant): string {
  const [path = '', ...more] = graphs;
  return more.length > 0 || dtype === 'fp32' || path.includes(dtype) ? dtype : plainLabel(path);
}

/** How its graphs are divided among files, and which files beside it are no variants of it. */
function detailOf({ layout, others }: Variant): string {
  if (others.length === 0) return layout;
  const files = listOf(others.slice(0, MOST_OTHERS).map((path) => plainLabel(path)));
  return say('host.models.besideOthers', { layout, files });
}
