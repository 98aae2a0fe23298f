// desk.test.mjs - the agents' console: sign in, offers, several sessions, transfer, end and reopen.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desk, launch, person, PHONE, picture, Server, Shop } from './harness.mjs';

async function visitor(t, browser, server, name, body, queue = 'sales') {
  const shop = await Shop.open(await person(t, browser), server);
  await shop.start(body, { name, queue });
  return shop;
}

test('a wrong password is refused, a right one stays until signing out', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const page = await (await person(t, browser)).newPage();
  await page.goto(`${server.url}/console/`);
  await page.getByLabel('Agent').fill('ann');
  await page.getByLabel('Password').fill('not-it');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('That name and password do not go together.').waitFor();
  await page.getByLabel('Password').fill(server.passwords.ann);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.me', { hasText: 'Ann' }).waitFor();
  await page.reload();
  await page.locator('.me', { hasText: 'Ann' }).waitFor();
  await page.locator('.me').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
});

test('an offer is noticed in a hidden tab: title, notification, countdown', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const context = await person(t, browser);
  await context.grantPermissions(['notifications']);
  await context.addInitScript(() => {
    window.notified = [];
    window.Notification = class {
      static permission = 'granted';
      static requestPermission = async () => 'granted';
      constructor(title) {
        window.notified.push(title);
      }
      close() {}
    };
    Object.defineProperty(document, 'visibilityState', { get: () => window.usherTestHidden ? 'hidden' : 'visible' });
  });
  const desk = await Desk.open(context, server, 'ann');
  await desk.ready();
  await desk.page.evaluate(() => (window.usherTestHidden = true));
  await visitor(t, browser, server, 'Mara', 'Hello');
  await desk.page.waitForFunction(() => document.title.includes('New offer: Sales'));
  assert.deepEqual(await desk.page.evaluate(() => window.notified), ['New offer: Sales']);
  await desk.offer.getByText('Mara waits in Sales').waitFor();
  assert.match(await desk.offer.locator('.seconds').textContent(), /^\d+ s left$/);
  await desk.accept();
  await desk.page.waitForFunction(() => document.title === 'Desk');
});

test('a declined offer goes to somebody else', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const ann = await Desk.open(await person(t, browser), server, 'ann');
  const bea = await Desk.open(await person(t, browser), server, 'bea');
  await ann.ready();
  const shop = await visitor(t, browser, server, 'Mara', 'Hello');
  await ann.offer.waitFor();
  await bea.ready();
  await ann.offer.getByRole('button', { name: 'Decline' }).click();
  await ann.offer.waitFor({ state: 'detached' });
  await bea.accept();
  await shop.event('Bea, agent, joined');
});

test('a missed offer is told, and two of them make the agent away', async (t) => {
  const server = await Server.start(t, (config) => {
    config.queues[0].offer_s = 1;
  });
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser), server, 'ann');
  await desk.ready();
  await visitor(t, browser, server, 'Mara', 'Hello');
  await desk.page.locator('.notice', { hasText: 'You missed an offer: Mara in Sales.' }).first().waitFor();
  await desk.page.locator('.notice', { hasText: 'so you are away now' }).waitFor();
  await desk.page.locator('.ready', { hasText: 'Away' }).waitFor();
  await desk.page.getByRole('button', { name: 'Go ready' }).waitFor();
});

test('away is said with its reason', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser), server, 'ann');
  await desk.ready();
  await desk.page.getByRole('button', { name: 'Go away…' }).click();
  await desk.page.getByRole('button', { name: 'Lunch' }).click();
  await desk.page.locator('.ready', { hasText: 'Away · Lunch' }).waitFor();
});

test('several sessions side by side, unread counted where they are not shown', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser), server, 'ann');
  await desk.page.setViewportSize({ width: 1000, height: 640 });
  await desk.ready();
  const shops = [];
  for (const name of ['Mara', 'Jonas', 'Olga', 'Wiktor']) {
    shops.push(await visitor(t, browser, server, name, `Hello from ${name}`));
    await desk.offer.waitFor();
    await desk.accept();
    await desk.column(name).waitFor();
  }
  assert.equal(await desk.page.locator('.column').count(), 2);
  assert.equal(await desk.page.locator('.item').count(), 4);
  assert.equal(await desk.column('Mara').count(), 0, 'the one used longest ago made room');
  await shops[0].say('Are you there?');
  await shops[0].say('Hello?');
  const item = desk.page.locator('.item', { hasText: 'Mara' });
  await item.locator('.badge', { hasText: '2' }).waitFor();
  await desk.page.bringToFront();
  await item.click();
  await desk.heard('Mara', 'Hello?');
  await item.locator('.badge').waitFor({ state: 'hidden' });
  await desk.say('Mara', 'Yes!');
  await shops[0].heard('Yes!');
});

test('a session is passed to another agent, with all that was said, and notes', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const ann = await Desk.open(await person(t, browser), server, 'ann');
  const bea = await Desk.open(await person(t, browser), server, 'bea');
  await ann.ready();
  const shop = await visitor(t, browser, server, 'Mara', 'Hello');
  await ann.accept();
  await ann.note('Mara', 'She wants the blue one');
  await bea.ready();
  await ann.column('Mara').getByRole('button', { name: 'Transfer' }).click();
  await picture(ann.page, 'console-transfer-1280');
  await ann.column('Mara').locator('.drawer').getByRole('button', { name: 'Bea' }).click();
  await bea.accept();
  await shop.event('Ann passed you on to Bea');
  await shop.event('Bea, agent, joined');
  await bea.say('Mara', 'Bea here');
  await shop.heard('Bea here');
  await shop.say('Hello Bea');
  await bea.heard('Mara', 'Hello Bea');
  assert.deepEqual(await bea.texts('Mara'), ['Hello', 'She wants the blue one', 'Bea here', 'Hello Bea']);
  await ann.column('Mara').getByText('You passed this session on.').waitFor();
  assert.equal(await ann.column('Mara').locator('textarea').isVisible(), false);
  assert.ok(!shop.frames.join('\n').includes('blue one'));
});

test('a session goes to another queue', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const ann = await Desk.open(await person(t, browser), server, 'ann');
  const cyd = await Desk.open(await person(t, browser), server, 'cyd');
  await ann.ready();
  await cyd.ready();
  const shop = await visitor(t, browser, server, 'Mara', 'It broke');
  await ann.accept();
  await ann.column('Mara').getByRole('button', { name: 'Transfer' }).click();
  await ann.column('Mara').locator('.drawer').getByRole('button', { name: 'Returns' }).click();
  await shop.event('Ann passed you on to Returns');
  await cyd.accept();
  await shop.event('Cyd, agent, joined');
});

test('the agent ends it, the visitor reopens it, then ends it himself and begins anew', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser), server, 'ann');
  await desk.ready();
  const shop = await visitor(t, browser, server, 'Mara', 'Hello');
  await desk.accept();
  await desk.column('Mara').getByRole('button', { name: 'End', exact: true }).click();
  await desk.column('Mara').getByRole('button', { name: 'End it' }).click();
  await desk.column('Mara').getByText('This session has ended.').waitFor();
  await shop.event('Ann ended the chat');
  await desk.column('Mara').getByRole('button', { name: 'Clear' }).click();
  await desk.page.locator('.item').waitFor({ state: 'detached' });
  await shop.panel.getByRole('button', { name: 'Reopen' }).click();
  await shop.event('The chat goes on');
  await desk.accept();
  await shop.say('One more thing');
  await desk.heard('Mara', 'One more thing');
  await shop.panel.getByRole('button', { name: 'End chat' }).click();
  await shop.panel.getByRole('button', { name: 'End it' }).click();
  await shop.event('You ended the chat');
  await desk.column('Mara').getByText('This session has ended.').waitFor();
  await shop.panel.getByRole('button', { name: 'New chat' }).click();
  await shop.panel.locator('#start-body').fill('Another question');
  await shop.panel.locator('.start .primary').click();
  await shop.message('Another question', 'sent');
  assert.deepEqual(await shop.texts(), ['Another question']);
});

test('on a phone the console is a list, then one session', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser, PHONE), server, 'ann');
  await desk.ready();
  const shop = await visitor(t, browser, server, 'Mara', 'Hello');
  await desk.accept();
  await desk.say('Mara', 'Hello Mara');
  await shop.heard('Hello Mara');
  await desk.page.getByRole('button', { name: 'Back to the list' }).click();
  await desk.page.locator('.item', { hasText: 'Mara' }).waitFor();
  assert.equal(await desk.column('Mara').isVisible(), false);
  assert.ok(await desk.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});
