import * as vscode from 'vscode';
import type { Variant } from '../../hub/index';
import { sizeText } from './sizeText';

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
      description: `${sizeText(variant.bytes)}${variant === proposed ? ' · proposed for this machine' : ''}`,
      detail: variant.layout,
      variant,
    })),
    {
      title: 'Which precision?',
      placeHolder: 'Smaller loads faster; fp32 has the exact numbers',
      ignoreFocusOut: true,
    },
  );
  return choice?.variant;
}
