// @ts-check
/**
 * Child processes that always end: each runs in its own process group, which is ended on a time limit,
 * on an abort and when this process exits, so that no server or browser outlives a test run.
 */
import { spawn } from 'node:child_process';

/** @type {Set<import('node:child_process').ChildProcess>} */
const alive = new Set();
const posix = process.platform !== 'win32';
/** @type {(() => Promise<unknown>)[]} */
const goodbyes = [];
let watching = false;

/**
 * Ends a child and everything that it started.
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
export function endTree(child, signal = 'SIGTERM') {
  if (child.pid === undefined) return;
  try {
    if (posix) process.kill(-child.pid, signal);
    else spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
  } catch {
    // It ended by itself meanwhile.
  }
}

function endAll() {
  for (const child of alive) endTree(child, 'SIGKILL');
}

/** @param {import('node:child_process').ChildProcess} child */
function track(child) {
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  if (watching) return;
  watching = true;
  process.once('exit', endAll);
  for (const [signal, code] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])) {
    process.once(signal, () => void leave(code));
  }
}

/** @param {number} code */
async function leave(code) {
  const asked = goodbyes.length > 0;
  await Promise.allSettled(goodbyes.map((goodbye) => goodbye()));
  process.exit(asked ? 0 : code);
}

/**
 * Does `goodbye` when this process is asked to end (Ctrl+C), which is then its proper end.
 * @param {() => Promise<unknown>} goodbye
 */
export function onInterrupt(goodbye) {
  goodbyes.push(goodbye);
}

/**
 * Starts a child in its own process group.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function start(command, args, options = {}) {
  const child = spawn(command, [...args], { ...options, detached: posix, shell: command.endsWith('.cmd') });
  track(child);
  return child;
}

/**
 * Runs a command to its end. Its output goes where `output` says: to this terminal, or into the result.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, seconds?: number, output?: 'inherit' | 'collect' }} [options]
 * @returns {Promise<{ code: number, output: string, timedOut: boolean }>} `code` is 124 when the limit was passed, 127 when it could not be started
 */
export function run(command, args, { cwd, env = process.env, seconds = 600, output = 'inherit' } = {}) {
  return new Promise((resolve) => {
    const child = start(command, args, {
      cwd,
      env,
      stdio: ['ignore', output === 'inherit' ? 'inherit' : 'pipe', output === 'inherit' ? 'inherit' : 'pipe'],
    });
    let text = '';
    let timedOut = false;
    child.stdout?.on('data', (/** @type {Buffer} */ data) => (text += data.toString()));
    child.stderr?.on('data', (/** @type {Buffer} */ data) => (text += data.toString()));
    const timer = setTimeout(() => {
      timedOut = true;
      endTree(child, 'SIGTERM');
      setTimeout(() => endTree(child, 'SIGKILL'), 3000).unref();
    }, seconds * 1000);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ code: 127, output: `${text}${error.message}`, timedOut });
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      // A grandchild that holds no pipe may still run.
      endTree(child, 'SIGKILL');
      resolve({ code: timedOut ? 124 : (code ?? 1), output: text, timedOut });
    });
  });
}

/** The environment without what npm adds for the script that it runs: a nested npm must not take this folder for its own. */
export function plainEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^npm_(package|lifecycle|command|execpath|node_execpath|config_local_prefix)/.test(name) &&
        name !== 'INIT_CWD',
    ),
  );
}

/**
 * Runs npm in a folder; throws with its last lines when it fails.
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {number} [seconds]
 */
export async function npm(args, cwd, seconds = 600) {
  const { code, output } = await run(posix ? 'npm' : 'npm.cmd', [...args, '--no-audit', '--no-fund'], {
    cwd,
    env: plainEnvironment(),
    seconds,
    output: 'collect',
  });
  if (code !== 0) {
    const why = code === 124 ? `took more than ${seconds} s` : `failed (${code})`;
    throw new Error(`npm ${args.join(' ')} ${why} in ${cwd}:\n${output.split('\n').slice(-30).join('\n')}`);
  }
}
