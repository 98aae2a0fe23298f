// place.mjs - where a bench runs: the programs, the two cores, a folder on the disk, and what is started there.
// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { availableParallelism, setPriority } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const build = resolve(root, process.env.B ?? 'build');
export const program = (name) => join(build, 'bench', name);
export const server = resolve(root, process.env.USHER_SERVER ?? join(build, 'bin/usher-server'));
export const configFile = join(root, 'examples/server/bench.json');
export const config = JSON.parse(readFileSync(configFile, 'utf8'));
/** All threads of a server on one core, whoever loads it on the other. */
export const cores = availableParallelism() < 2 ? null : { server: '0', load: '1' };

/** On a machine that others use: go before them (-20 to 19, as root), with all that is started here. */
if (process.env.BENCH_NICE) {
  setPriority(Number(process.env.BENCH_NICE));
  // Linux may weigh whole sessions, and then the processes of one only against each other.
  if (existsSync('/proc/self/autogroup')) {
    writeFileSync('/proc/self/autogroup', process.env.BENCH_NICE);
  }
}

const running = new Set();
// Databases must lie on a disk: the system's folder for temporary files may be memory.
mkdirSync(join(build, 'bench'), { recursive: true });
export const folder = mkdtempSync(join(build, 'bench', 'run-'));

function clear() {
  for (const child of running) {
    child.kill('SIGKILL');
  }
  rmSync(folder, { recursive: true, force: true });
}
process.on('exit', clear);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => process.exit(1));
}

/** Start a program on a core. `errors` holds what it complains about. */
export function start(core, command, args, stdio = ['ignore', 'pipe', 'pipe']) {
  const words = [...(cores ? ['taskset', '-c', cores[core]] : []), command, ...args];
  const child = spawn(words[0], words.slice(1), { cwd: folder, stdio });
  running.add(child);
  child.errors = '';
  child.stderr?.on('data', (data) => (child.errors += data));
  child.ended = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code;
  });
  return child;
}

/** Run a program to its end; what it printed, a JSON object a line. `each` is told at once. */
export async function measure(core, command, args, each = () => {}) {
  const child = start(core, command, args);
  const lines = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(JSON.parse(line));
    each(line);
  }
  const code = await child.ended;
  if (code !== 0) {
    throw new Error(`${command.split('/').pop()} ended with ${code}: ${child.errors.trim()}`);
  }
  return lines;
}

/** Start a server; resolves when it says where it listens. */
export async function listen(command, args) {
  const began = performance.now();
  const child = start('server', command, args);
  let out = '';
  await new Promise((done, failed) => {
    child.stdout.on('data', (data) => {
      out += data;
      const found = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(out);
      if (found && !child.port) {
        child.port = Number(found[1]);
        done();
      }
    });
    child.ended.then((code) => failed(new Error(`${command} ended with ${code}: ${child.errors.trim()}`)));
  });
  child.ready_ms = performance.now() - began;
  return child;
}

export const usher = (store, file = configFile) =>
  listen(server, ['--config', file, '--listen', '127.0.0.1:0', '--store', store]);

export async function stop(child, signal = 'SIGTERM') {
  child.kill(signal);
  await child.ended;
}

export function request(port, method, path, { headers = {}, body } = {}) {
  return new Promise((done, failed) => {
    const req = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (data) => (text += data));
      res.on('end', () => done({ status: res.statusCode, body: text }));
    });
    req.on('error', failed);
    req.end(body);
  });
}

/** Sign the first n agents of bench.json in; the name of a file with a token a line. */
export async function signIn(child, n) {
  const tokens = [];
  for (const { id, password } of config.agents.slice(0, n)) {
    const { status, body } = await request(child.port, 'POST', '/usher/login', {
      headers: { Origin: `http://127.0.0.1:${child.port}` },
      body: JSON.stringify({ agent: id, password }),
    });
    if (status !== 200) {
      throw new Error(`signing ${id} in: ${status} ${body}`);
    }
    tokens.push(JSON.parse(body).token);
  }
  const file = join(folder, `tokens-${child.port}`);
  writeFileSync(file, tokens.join('\n') + '\n');
  return file;
}

/** Bytes of this process that are in memory. */
export function resident(child) {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]) * 1024;
}
