/** The webview's entry: one bundle, two faces. */
import { createApp } from './app';
import { generationView } from './views/generation';
import { panelView } from './views/panel';

const isGeneration = document.body.dataset['view'] === 'generation';
const app = createApp(isGeneration ? 'generation' : 'panel');
document.getElementById('app')?.append(isGeneration ? generationView(app) : panelView(app));
