/**
 * The controls, from @vscode/webview-ui-toolkit: registered here and reachable only through this folder.
 * Only components whose templates hold no inline style are used (its badge and progress ring would break the
 * content security policy); the style probe of its helper library is cut out in esbuild.config.mjs.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeTextField,
  type Button,
  type Checkbox,
  type Dropdown,
  type Option,
  type TextField,
} from '@vscode/webview-ui-toolkit';

let registered = false;

interface Controls {
  readonly button: Button;
  readonly checkbox: Checkbox;
  readonly dropdown: Dropdown;
  readonly option: Option;
  readonly 'text-field': TextField;
}

function make<Name extends keyof Controls>(name: Name): Controls[Name] {
  if (!registered) {
    registered = true;
    provideVSCodeDesignSystem().register(
      vsCodeButton(),
      vsCodeCheckbox(),
      vsCodeDropdown(),
      vsCodeOption(),
      vsCodeTextField(),
    );
  }
  return document.createElement(`vscode-${name}`) as unknown as Controls[Name];
}

export const makeButton = (): Button => make('button');
export const makeCheckbox = (): Checkbox => make('checkbox');
export const makeDropdown = (): Dropdown => make('dropdown');
export const makeOption = (): Option => make('option');
export const makeTextField = (): TextField => make('text-field');
