import { chromium, type Browser } from 'playwright-core';
import { ensureChromium } from '../vscode/chromium.mjs';

const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/** A software WebGPU adapter: says that results are right there, nothing about speed. */
export const SOFTWARE_WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** Starts a headless Chromium that fetches nothing by itself. @throws with what to install where there is none */
export async function launchChromium(extra: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: await ensureChromium(), args: [...FLAGS, ...extra], timeout: 90_000 });
}
