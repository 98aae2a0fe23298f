// console_board.test.mjs - a supervisor sees live how the queues and the agents are, and an agent does not.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desk, launch, person, PHONE, picture, Server, Shop } from './harness.mjs';
import { noFaults, Played } from './console_played.mjs';

test('the board shows who waits, who is served and who is here, as it changes', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const sue = await Desk.open(await person(t, browser), server, 'sue');
  const board = sue.page.locator('.board');
  const queue = (name) => board.locator('.queues tbody tr', { hasText: name });
  const agent = (name) => board.locator('.agents tbody tr', { hasText: name });
  await sue.page.getByRole('button', { name: 'Board', exact: true }).click();
  await queue('Sales').waitFor();
  await agent('Ann').getByText('Not here').waitFor();
  assert.equal(await board.locator('.agents tbody tr').count(), 4);

  const shop = await Shop.open(await person(t, browser), server);
  await shop.start('Is anybody there?', { name: 'Mara', queue: 'sales' });
  await queue('Sales').locator('td').first().getByText('1', { exact: true }).waitFor();
  await queue('Sales').locator('td').nth(1).getByText(/^0:\d\d$/).waitFor();
  const ann = await Desk.open(await person(t, browser), server, 'ann');
  await agent('Ann').getByText('Away').waitFor();
  await ann.ready();
  await ann.accept();
  await agent('Ann').getByText('Ready').waitFor();
  await agent('Ann').getByText('1 of 6').waitFor();
  await queue('Sales').locator('td').first().getByText('0', { exact: true }).waitFor();
  await queue('Sales').locator('td').nth(2).getByText('1', { exact: true }).waitFor();
  assert.equal(await board.locator('.tile.agents_ready b').textContent(), '1');
  assert.equal(await ann.page.getByRole('button', { name: 'Board', exact: true }).isVisible(), false);

  // After a new start of the server it is asked for again.
  await server.kill();
  await board.locator('.note', { hasText: 'the last figures known' }).waitFor();
  await server.up();
  await board.locator('.note').waitFor({ state: 'hidden' });
  await ann.column('Mara').getByRole('button', { name: 'End', exact: true }).click();
  await ann.column('Mara').getByRole('button', { name: 'End it' }).click();
  await queue('Sales').locator('td').nth(2).getByText('0', { exact: true }).waitFor();
  await sue.page.keyboard.press('Alt+v');
  await board.waitFor({ state: 'hidden' });
});

test('a long wait stands out, on any screen', async (t) => {
  const server = await Server.start(t);
  const now = Date.now();
  const rows = { type: 'board', queues: [
    { id: 'sales', name: 'Sales', open: true, ready: 2, waiting: 4, active: 7, oldest_at: now - 95000 },
    { id: 'returns', name: 'Returns', open: true, ready: 0, waiting: 1, active: 2, oldest_at: now - 245000 },
    { id: 'press', name: 'Press', open: false, ready: 0, waiting: 0, active: 0 }], agents: [
    { id: 'ann', name: 'Ann', here: true, ready: true, load: 5, capacity: 6 },
    { id: 'bea', name: 'Bea', here: true, ready: true, load: 2, capacity: 2 },
    { id: 'cyd', name: 'Cyd', here: true, ready: false, why: 'missed', load: 0, capacity: 6 },
    { id: 'sue', name: 'Sue', here: true, ready: false, why: 'asked', load: 2, capacity: 6 },
    { id: 'tom', name: 'Tom', here: false, ready: false, load: 0, capacity: 4 }] };
  const answer = ({ type, on }) => (type === 'board' && on ? [{ type: 'done' }, { ...rows, key: null }] : undefined);
  const { page } = await Played.open(t, await launch(), server, { hello: { role: 'supervisor' }, answer });
  await page.getByRole('button', { name: 'Board', exact: true }).click();
  await page.locator('.queues td.bad').first().waitFor();
  assert.match(await page.locator('.tile.longest b').textContent(), /^4:\d\d$/);
  assert.match(await page.locator('.queues td.long').textContent(), /^1:\d\d$/);
  for (const [name, size] of [['1280', { width: 1280, height: 860 }], ['390', PHONE.viewport]]) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await picture(page, `console-board-${name}-${colorScheme}`);
      await noFaults(page, `board ${name} ${colorScheme}`);
    }
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
  }
});
