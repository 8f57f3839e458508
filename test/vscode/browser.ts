import { chromium, type Browser } from 'playwright-core';
import { ensureChromium } from './chromium.mjs';

const FLAGS = [
  '--headless=new', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];
/** A software WebGPU adapter: says that results are right there, nothing about speed. */
const SOFTWARE_WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** Starts a headless Chromium that fetches nothing by itself. */
export async function launchBrowser(options: { readonly softwareWebGpu?: boolean } = {}): Promise<Browser> {
  return chromium.launch({ executablePath: await ensureChromium(), args: [...FLAGS, ...(options.softwareWebGpu ? SOFTWARE_WEBGPU : [])], timeout: 90_000 });
}
