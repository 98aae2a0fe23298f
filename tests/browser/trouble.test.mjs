// trouble.test.mjs - what a visitor is told when something is wrong, and that it comes right by itself.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desk, launch, person, Server, Shop } from './harness.mjs';

/** Between page and server stands one who may add to what the server says, or change it. */
async function between(context, change = (frame) => frame) {
  const links = [];
  await context.routeWebSocket(/\/usher$/, (page) => {
    const server = page.connectToServer();
    server.onMessage((frame) => page.send(change(String(frame))));
    links.push(page);
  });
  return links;
}

test('a server that is stopped and started says bye, and the talk goes on', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser), server, 'ann');
  await desk.ready();
  const shop = await Shop.open(await person(t, browser), server);
  await shop.start('one', { name: 'Mara', queue: 'sales' });
  await desk.accept();
  server.child.kill('SIGTERM');
  await server.ended;
  await shop.say('two');
  await server.up();
  await shop.message('two', 'sent'); /* later news have come, so earlier frames have been noted */
  assert.ok(shop.frames.some((frame) => frame.includes('"type":"bye"')));
  await desk.heard('Mara', 'two');
  assert.deepEqual(await desk.texts('Mara'), ['one', 'two']);
});

test('who writes faster than he may has all of it sent, later', async (t) => {
  const server = await Server.start(t, (config) => {
    config.rates = { visitor_say: { burst: 4, refill_ms: 500 } };
  });
  const shop = await Shop.open(await person(t, await launch()), server);
  await shop.start('0', { queue: 'sales' });
  const texts = Array.from({ length: 9 }, (none, i) => String(i));
  for (const text of texts.slice(1)) {
    await shop.say(text);
  }
  await shop.message('8', 'sent');
  assert.ok(shop.frames.some((frame) => frame.includes('too_fast')), 'it was too fast');
  assert.deepEqual(await shop.texts(), texts);
});

test('who leafs through the shop quickly keeps his session', async (t) => {
  const server = await Server.start(t, (config) => {
    config.rates = { hello: { burst: 3, refill_ms: 1000 } };
  });
  const shop = await Shop.open(await person(t, await launch()), server);
  await shop.start('Hello', { queue: 'sales' });
  for (const path of ['help.html', 'basket.html', 'product.html', 'help.html', '']) {
    await shop.page.goto(`${server.url}/${path}`);
    await shop.panel.waitFor();
  }
  await shop.message('Hello', 'sent');
  assert.deepEqual(await shop.texts(), ['Hello']);
});

test('trouble with storing is said, and unsaid', async (t) => {
  const server = await Server.start(t);
  const context = await person(t, await launch());
  const links = await between(context);
  const shop = await Shop.open(context, server);
  await shop.start('Hello', { queue: 'sales' });
  links[0].send('{"type":"degraded","on":true}');
  await shop.panel.locator('.banner', { hasText: 'trouble storing messages' }).waitFor();
  links[0].send('{"type":"degraded","on":false}');
  await shop.panel.locator('.banner').waitFor({ state: 'hidden' });
});

test('the oldest of too many windows says so, and goes on at a click', async (t) => {
  const server = await Server.start(t);
  const context = await person(t, await launch());
  const links = await between(context);
  const shop = await Shop.open(context, server);
  await shop.start('Hello', { queue: 'sales' });
  await links[0].close({ code: 4409, reason: 'too many' });
  const banner = shop.panel.locator('.banner', { hasText: 'too many windows' });
  await banner.getByRole('button', { name: 'Go on here' }).click();
  await banner.waitFor({ state: 'hidden' });
  await shop.say('still here');
  await shop.message('still here', 'sent');
});

test('after a reset the earlier texts are asked for when they are wanted', async (t) => {
  const server = await Server.start(t, (config) => {
    config.rates = { visitor_say: { burst: 100, refill_ms: 10 } };
  });
  const browser = await launch();
  const visitor = await person(t, browser);
  const shop = await Shop.open(visitor, server);
  const texts = Array.from({ length: 30 }, (none, i) => `text ${i}`);
  await shop.start(texts[0], { queue: 'sales' });
  for (const text of texts.slice(1)) {
    await shop.say(text);
  }
  await shop.message('text 29', 'sent');
  await shop.page.close();
  // On the next link the first twenty facts are said to be far behind.
  await between(visitor, (frame) => frame.split('\n').flatMap((line) => {
    const fact = JSON.parse(line);
    if (fact.index === undefined || fact.index > 20) {
      return [line];
    }
    return fact.index > 1 ? [] : [JSON.stringify({ type: 'reset', session: fact.session, head: 31, first: 21 })];
  }).join('\n') || '{"type":"nothing"}');
  const again = await Shop.open(visitor, server);
  await again.click();
  await again.message('text 29', 'sent');
  assert.deepEqual(await again.texts(), texts.slice(19));
  await again.panel.getByRole('button', { name: 'Show earlier messages' }).click();
  await again.message('text 0', 'sent');
  assert.deepEqual(await again.texts(), texts);
  await again.panel.getByRole('button', { name: 'Show earlier messages' }).waitFor({ state: 'hidden' });
});

test('a long session shows its newest part first, and the rest when asked', async (t) => {
  const server = await Server.start(t, (config) => {
    config.rates = { visitor_say: { burst: 100, refill_ms: 10 } };
  });
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser), server, 'ann');
  const shop = await Shop.open(await person(t, browser), server);
  await shop.start('text 0', { name: 'Mara', queue: 'sales' });
  for (let i = 1; i < 70; i++) {
    await shop.say(`text ${i}`);
  }
  await shop.message('text 69', 'sent');
  await desk.ready();
  await desk.accept();
  await desk.heard('Mara', 'text 69');
  assert.ok((await desk.texts('Mara')).length < 70);
  await desk.column('Mara').getByRole('button', { name: 'Show earlier messages' }).click();
  await desk.heard('Mara', 'text 0');
  assert.equal((await desk.texts('Mara')).length, 70);
});

test('a page without storage works until it is left', async (t) => {
  const server = await Server.start(t);
  const context = await person(t, await launch());
  await context.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get: () => { throw new DOMException('no', 'SecurityError'); } });
    }
    (window.LockManager ?? class {}).prototype.request = async () => { throw new DOMException('no', 'SecurityError'); };
  });
  const shop = await Shop.open(context, server);
  await shop.start('Hello', { queue: 'sales' });
  await server.kill();
  await shop.say('two');
  await shop.message('two', 'sending');
  await server.up();
  await shop.message('two', 'sent');
  assert.deepEqual(await shop.texts(), ['Hello', 'two']);
});

test('a storage that fills up takes nothing from a page that is open', async (t) => {
  const server = await Server.start(t);
  const context = await person(t, await launch());
  await context.addInitScript(() => {
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = function (...item) {
      if (window.usherTestFull) {
        throw new DOMException('full', 'QuotaExceededError');
      }
      setItem.apply(this, item);
    };
  });
  const full = (page) => page.evaluate(() => (window.usherTestFull = true));
  const shop = await Shop.open(context, server);
  await shop.start('Hello', { queue: 'sales' });
  await full(shop.page);
  const size = () => shop.panel.evaluate((panel) => panel.style.getPropertyValue('--zoom'));
  await shop.panel.getByRole('button', { name: 'Larger text' }).click();
  await shop.panel.getByRole('button', { name: 'Larger text' }).click();
  assert.equal(await size(), '1.3');
  await shop.say('two');
  await shop.message('two', 'sent');
  await shop.launcher.click();
  await shop.panel.waitFor({ state: 'hidden' });
  await shop.click();
  assert.deepEqual(await shop.texts(), ['Hello', 'two']);

  const page = await context.newPage();
  await page.goto(`${server.url}/console/`);
  await page.getByLabel('Agent').waitFor();
  await full(page);
  await page.getByLabel('Agent').fill('ann');
  await page.getByLabel('Password').fill(server.passwords.ann);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const sheet = page.getByRole('dialog', { name: 'Canned replies' });
  const edit = async () => {
    await page.locator('.me').click();
    await page.getByRole('button', { name: 'Edit canned replies' }).click();
  };
  await edit();
  await sheet.getByRole('button', { name: 'Remove hello' }).click();
  await sheet.getByRole('button', { name: 'Save' }).click();
  await edit();
  assert.equal(await sheet.locator('.row').count(), 5);
});

test('a text that comes after the end is edited where it can still be sent', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const agent = await person(t, browser);
  const desk = await Desk.open(agent, server, 'ann');
  await desk.ready();
  const visitor = await person(t, browser);
  const shop = await Shop.open(visitor, server);
  await shop.start('one', { name: 'Mara', queue: 'sales' });
  await desk.accept();

  await agent.setOffline(true);
  await desk.page.locator('.banner', { hasText: 'You are offline' }).waitFor();
  await desk.say('Mara', 'lost');
  await shop.panel.getByRole('button', { name: 'End chat' }).click();
  await shop.panel.getByRole('button', { name: 'End it' }).click();
  await shop.event('You ended the chat');
  await agent.setOffline(false);
  const failed = desk.column('Mara').locator('.failed');
  await failed.getByRole('button', { name: 'Discard' }).waitFor();
  assert.equal(await failed.getByRole('button').count(), 1, 'there is nowhere to edit it');

  await shop.panel.getByRole('button', { name: 'Reopen' }).click();
  await desk.accept();
  await failed.getByRole('button', { name: 'Edit' }).waitFor();
  await visitor.setOffline(true);
  await shop.panel.locator('.banner', { hasText: 'You are offline' }).waitFor();
  await shop.say('two');
  await desk.column('Mara').getByRole('button', { name: 'End', exact: true }).click();
  await desk.column('Mara').getByRole('button', { name: 'End it' }).click();
  await desk.column('Mara').getByText('This session has ended.').waitFor();
  await visitor.setOffline(false);
  await shop.panel.locator('.failed').getByRole('button', { name: 'Edit' }).click();
  assert.equal(await shop.panel.locator('#start-body').inputValue(), 'two');
  await shop.panel.locator('.start .primary').click();
  await shop.message('two', 'sent');
});

test('the console says when it is not connected, and takes up its sessions again', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser), server, 'ann');
  await desk.ready();
  const shop = await Shop.open(await person(t, browser), server);
  await shop.start('one', { name: 'Mara', queue: 'sales' });
  await desk.accept();
  await server.kill();
  await desk.page.locator('.banner', { hasText: 'Connection lost' }).waitFor();
  await desk.say('Mara', 'two');
  await desk.column('Mara').locator('.unsent .tick', { hasText: 'sending' }).waitFor();
  await server.up();
  await desk.page.reload();
  await desk.column('Mara').locator('.tick', { hasText: /sent|seen/ }).waitFor();
  await shop.heard('two');
  assert.deepEqual(await desk.texts('Mara'), ['one', 'two']);
});
