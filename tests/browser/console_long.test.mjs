// console_long.test.mjs - thousands of messages: streamed, fetched and scrolled without lag, and nothing jumps.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, Server } from './harness.mjs';
import { id, Played } from './console_played.mjs';

const N = 5000;
const at = Date.now() - N * 60000;
const fact = (index) => (index === 1
  ? { type: 'opened', session: id(1), index, at, by: { kind: 'visitor', name: 'Mara' }, queue: 'sales', form: { name: 'Mara' } }
  : { type: 'said', session: id(1), index, at: at + index * 60000, by: { kind: 'visitor', name: 'Mara' },
    body: `text ${index} ${'and more words '.repeat(index % 9)}` });
const facts = (from, to) => Array.from({ length: to - from + 1 }, (none, i) => fact(from + i));
const entry = { session: id(1), state: 'active', head: N, internal: 0, queue: 'sales' };

/** In the page: go up by `turns` turns of the wheel, and note how long frames took and how far the text moved. */
async function scrollUp(page, turns) {
  const thread = page.locator('.thread');
  await thread.hover();
  await page.evaluate(() => {
    const node = document.querySelector('.thread');
    window.seen = { frames: [], tasks: [], most: 0 };
    new PerformanceObserver((list) => window.seen.tasks.push(...list.getEntries().map((one) => one.duration)))
      .observe({ type: 'longtask' });
    let before = performance.now();
    const frame = (now) => {
      window.seen.frames.push(now - before);
      window.seen.most = Math.max(window.seen.most, node.querySelectorAll('.message').length);
      before = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  for (let i = 0; i < turns; i++) {
    await page.mouse.wheel(0, -600);
  }
  // Until it stands still.
  await page.evaluate(() => new Promise((done) => {
    const node = document.querySelector('.thread');
    let same = 0;
    let at = NaN;
    const frame = () => {
      same = node.scrollTop === at ? same + 1 : 0;
      at = node.scrollTop;
      if (same === 12) {
        done();
      } else {
        requestAnimationFrame(frame);
      }
    };
    frame();
  }));
  return page.evaluate(() => {
    const frames = window.seen.frames.sort((a, b) => a - b);
    return { median: frames[frames.length >> 1], p95: frames[Math.floor(frames.length * 0.95)], longest: frames.at(-1),
      tasks: window.seen.tasks, most: window.seen.most };
  });
}

const firstText = (page) => page.evaluate(() => {
  const top = document.querySelector('.thread').getBoundingClientRect().top;
  const node = [...document.querySelectorAll('.message')].find((one) => one.getBoundingClientRect().bottom > top);
  return { text: node.querySelector('.bubble').textContent.split(' ')[1], y: node.getBoundingClientRect().top };
});

test('5,000 streamed messages: little of it is in the page, and it scrolls without lag', async (t) => {
  const server = await Server.start(t);
  const played = await Played.open(t, await launch(), server, { sessions: [{ entry, facts: [] }] });
  const { page } = played;
  const began = Date.now();
  for (let from = 1; from <= N; from += 100) {
    played.tell(...facts(from, Math.min(N, from + 99)));
  }
  await page.locator('.bubble', { hasText: `text ${N}` }).waitFor();
  const streamed = Date.now() - began;
  assert.ok(await page.locator('.thread .message').count() <= 60, 'the newest only');

  const { median, p95, longest, tasks, most } = await scrollUp(page, 120);
  t.diagnostic(`streamed and drawn in ${streamed} ms; frames: median ${median.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, `
    + `longest ${longest.toFixed(1)} ms; tasks over 50 ms: ${tasks.length}; at most ${most} messages in the page`);
  const { text } = await firstText(page);
  assert.ok(Number(text) < N - 300, `scrolled back to ${text}`);
  assert.ok(most <= 160, `${most} messages in the page`);
  // Far more than it takes, because a machine that is busy with other tests must not fail this one.
  assert.ok(median < 50, `frames: median ${median} ms`);
  assert.ok(streamed < 15000, `${streamed} ms`);

  // What comes in meanwhile moves nothing.
  const before = await firstText(page);
  entry.head = N + 3;
  played.tell(...facts(N + 1, N + 3));
  await page.locator('.item .text', { hasText: `text ${N + 3}` }).waitFor();
  assert.deepEqual(await firstText(page), before);
  await page.getByRole('button', { name: 'Newest messages' }).click();
  await page.locator('.bubble', { hasText: `text ${N + 3}` }).waitFor();
  assert.ok(await page.locator('.thread .message').count() <= 60);
});

test('older messages are fetched when their time comes, and the line that is read stays where it is', async (t) => {
  const server = await Server.start(t);
  const asked = [];
  const answer = ({ type, before: [before] = [N - 99], limit }) => { // [public, internal]
    if (type !== 'history') {
      return undefined;
    }
    asked.push(before);
    const from = Math.max(1, before - limit);
    return [{ type: 'history', session: id(1), facts: facts(from, before - 1), more: from > 1 }];
  };
  entry.head = N;
  const reset = { type: 'reset', session: id(1), head: N, first: N - 99 };
  const played = await Played.open(t, await launch(), server, { sessions: [{ entry, facts: [reset, ...facts(N - 99, N)] }], answer });
  const { page } = played;
  await page.locator('.bubble', { hasText: `text ${N}` }).waitFor();
  assert.deepEqual(asked, [], 'nothing before it is wanted');

  const button = page.getByRole('button', { name: 'Show earlier messages' });
  await button.click();
  await page.locator('.bubble', { hasText: `text ${N - 99} ` }).waitFor();
  await page.locator('.thread').evaluate((node) => (node.scrollTop = 40));
  const place = () => page.locator('.bubble', { hasText: `text ${N - 98} ` }).evaluate((node) => node.getBoundingClientRect().top);
  const before = await place();
  // Not as a mouse would: that first scrolls to it.
  await button.evaluate((node) => node.click());
  await page.locator('.bubble', { hasText: `text ${N - 110} ` }).waitFor({ state: 'attached' });
  assert.deepEqual(asked, [N - 99]);
  assert.ok(Math.abs(await place() - before) < 2, `moved by ${await place() - before}`);

  await scrollUp(page, 60);
  assert.ok(asked.length > 3, `asked ${asked.length} times`);
  assert.deepEqual(asked, asked.map((none, i) => N - 99 - 100 * i), 'each once, without gap');
  assert.ok(await page.locator('.thread .message').count() <= 160);
});
