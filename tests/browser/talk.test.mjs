// talk.test.mjs - a visitor and an agent talk: both ways, ticks, kinds, typing, notes that stay inside.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desk, launch, person, Server, Shop } from './harness.mjs';

async function talking(t) {
  const server = await Server.start(t);
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser), server, 'ann');
  await desk.ready();
  const shop = await Shop.open(await person(t, browser), server);
  await shop.start('Is it blue?', { name: 'Mara', queue: 'sales' });
  await desk.accept();
  return { server, browser, desk, shop };
}

test('texts go both ways, and it is said who speaks and of what kind he is', async (t) => {
  const { desk, shop } = await talking(t);

  await shop.event('Ann, agent, joined');
  await desk.say('Mara', 'It is. Two shades.');
  await shop.heard('It is. Two shades.');
  await shop.say('The lighter one, please.');
  await desk.heard('Mara', 'The lighter one, please.');

  const author = shop.panel.locator('.message.agent .author').first();
  assert.equal(await author.locator('.name').textContent(), 'Ann');
  assert.equal(await author.locator('.kind').textContent(), 'agent');
  assert.equal(await shop.panel.locator('.status').textContent(), 'Ann · agent');
  const all = ['Is it blue?', 'It is. Two shades.', 'The lighter one, please.'];
  assert.deepEqual(await shop.texts(), all);
  assert.deepEqual(await desk.texts('Mara'), all);
});

test('a text is sent, then seen by the other side', async (t) => {
  const { desk, shop } = await talking(t);

  await desk.page.bringToFront();
  await shop.message('Is it blue?', 'seen');
  await shop.page.bringToFront();
  await desk.say('Mara', 'Yes');
  await desk.column('Mara').locator('.tick', { hasText: 'seen' }).waitFor();
});

test('the other side is seen typing', async (t) => {
  const { desk, shop } = await talking(t);

  await desk.column('Mara').locator('textarea').pressSequentially('It');
  await shop.panel.locator('.typing', { hasText: 'Ann is typing' }).waitFor();
  await shop.area.pressSequentially('And');
  await desk.column('Mara').locator('.typing', { hasText: 'Mara is typing' }).waitFor();
});

test('nothing that people write is read as HTML, and every script of the world passes', async (t) => {
  const { desk, shop } = await talking(t);
  const texts = ['<img src=x onerror=alert(1)><b>bold</b>', 'สวัสดีค่ะ ร้านเปิดกี่โมง', 'مرحبا، هل هو أزرق؟',
    'Zażółć gęślą jaźń 👩‍👩‍👧‍👦', 'two\nlines'];

  for (const text of texts) {
    await shop.area.fill(text);
    await shop.area.press('Enter');
    await desk.column('Mara').locator('.bubble').getByText(text, { exact: true }).waitFor();
  }
  assert.deepEqual((await desk.texts('Mara')).slice(1), texts);
  assert.equal(await desk.column('Mara').locator('.bubble img, .bubble b').count(), 0);
  await desk.say('Mara', 'javascript:alert(1) but https://example.org/a?b=1.');
  const link = shop.panel.locator('.message.agent .bubble a');
  await link.waitFor();
  assert.equal(await link.count(), 1);
  assert.equal(await link.getAttribute('href'), 'https://example.org/a?b=1');
  assert.match(await link.getAttribute('rel'), /noopener/);
  await desk.say('Mara', 'https://example.org/\u202egpj.exe');
  await shop.heard('gpj.exe');
  assert.equal(await link.last().getAttribute('href'), 'https://example.org/', 'no link reads backwards');
});

test('a note never reaches the visitor, and looks different on the console', async (t) => {
  const { desk, shop } = await talking(t);
  const secret = 'He asked twice this week';

  await desk.note('Mara', secret);
  await desk.column('Mara').locator('.message.internal .secret').waitFor();
  await desk.say('Mara', 'One moment');
  await shop.heard('One moment');

  assert.deepEqual(await desk.texts('Mara'), ['Is it blue?', secret, 'One moment']);
  assert.ok(!shop.frames.join('\n').includes(secret), 'not in any frame');
  assert.ok(!shop.frames.join('\n').includes('internal'), 'not even that there is one');
  assert.ok(!(await shop.panel.innerHTML()).includes(secret));
  await desk.page.reload();
  await desk.column('Mara').locator('.message.internal .bubble', { hasText: secret }).waitFor();
});
