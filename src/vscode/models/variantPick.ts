import * as vscode from 'vscode';
import type { Variant } from '../../hub/index';
import { sizeText } from './sizeText';
import { say } from '../../text/say';

/** Which of several variants, the proposed one first; undefined where the user gave up. */
export async function pickVariant(
  variants: readonly Variant[],
  proposed: Variant | null,
): Promise<Variant | undefined> {
  if (variants.length <= 1) return variants[0];
  const ordered = proposed ? [proposed, ...variants.filter((variant) => variant !== proposed)] : variants;
  const choice = await vscode.window.showQuickPick(
    ordered.map((variant) => ({
      label: variant.dtype,
      description:
        variant === proposed ? say('host.models.proposed', { size: sizeText(variant.bytes) }) : sizeText(variant.bytes),
      detail: variant.layout,
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
