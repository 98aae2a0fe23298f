// proc.mjs - stops a server and looks, from outside, whether its storage has a batch in hand at this moment.
// SPDX-License-Identifier: MIT
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

/** write, pwrite64, fsync, fdatasync, ftruncate: Linux numbers them by processor. */
const WRITING = { x64: [1, 18, 74, 75, 77], arm64: [64, 68, 82, 83, 46] }[process.arch];

/** Empty where there is no /proc. */
function threads(pid) {
  const dir = `/proc/${pid}/task`;
  return existsSync(dir) ? readdirSync(dir).map((tid) => `${dir}/${tid}`) : [];
}

function isStopped(thread) {
  try {
    return readFileSync(`${thread}/stat`, 'utf8').replace(/^.*\) /s, '').startsWith('T');
  } catch {
    return true; // it has ended meanwhile
  }
}

/** Stops all threads, so that what is seen now is what a kill finds. */
export async function freeze(pid) {
  process.kill(pid, 'SIGSTOP');
  while (!threads(pid).every(isStopped)) {
    await setImmediate();
  }
}

/**
 * Is a thread inside a call that writes the database or its log, or waits for the disk under them? Only a batch is
 * written, so then one is at the storage. (Between two such calls one is, too: that is not seen, and not counted.)
 * null: this system does not show it.
 */
export function savesNow(pid) {
  const all = threads(pid);
  if (WRITING === undefined || all.length === 0) {
    return null;
  }
  try {
    return all.some((thread) => {
      const [call, fd] = readFileSync(`${thread}/syscall`, 'utf8').split(' ');
      return WRITING.includes(Number(call)) && /\.db(-wal)?$/.test(readlinkSync(`/proc/${pid}/fd/${Number(fd)}`));
    });
  } catch {
    return null;
  }
}
