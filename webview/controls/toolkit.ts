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

function make<Control extends HTMLElement>(name: 'button' | 'checkbox' | 'dropdown' | 'option' | 'text-field'): Control {
  if (!registered) {
    registered = true;
    provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeDropdown(), vsCodeOption(), vsCodeTextField());
  }
  return document.createElement(`vscode-${name}`) as Control;
}

export const makeButton = (): Button => make('button');
export const makeCheckbox = (): Checkbox => make('checkbox');
export const makeDropdown = (): Dropdown => make('dropdown');
export const makeOption = (): Option => make('option');
export const makeTextField = (): TextField => make('text-field');
