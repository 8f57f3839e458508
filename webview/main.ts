/** The webview's entry: one bundle, two faces. */
import { createApp } from './state/app';
import { generationView } from './views/generation/generationView';
import { panelView } from './views/frame/panelView';

const isGeneration = document.body.dataset['view'] === 'generation';
const app = createApp(isGeneration ? 'generation' : 'panel');
document.getElementById('app')?.append(isGeneration ? generationView(app) : panelView(app));
