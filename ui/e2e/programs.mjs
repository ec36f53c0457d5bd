// The programs behind the screens: built as every other build is, and stopped at the end.
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { build } from 'vite';

export const root = new URL('../../', import.meta.url).pathname;
const target = process.env.CARGO_TARGET_DIR ?? `${root}target`;
/** Where pictures and the built screens of a run go. */
export const out = `${target}/browser`;

/** Builds the host, the model and the screens. What is built already costs a second. */
export async function buildAll() {
  const programs = ['begrip-loopback', 'begrip-mock-model'].flatMap((name) => ['--bin', name]);
  // The features of the whole workspace, so that nothing is compiled a second time.
  const { status } = spawnSync(
    'cargo',
    ['build', '--quiet', '--workspace', '--all-features', ...programs],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0) throw new Error('the programs cannot be built');
  await build({ logLevel: 'error', build: { outDir: `${out}/screens`, emptyOutDir: true } });
  return `${out}/screens`;
}

const running = [];

/** Starts a program; gives the first line that it prints. */
export async function start(name, args) {
  const child = spawn(`${target}/debug/${name}`, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`${name} ended before it said where it listens`);
}

export function stopAll() {
  for (const child of running) child.kill();
}
