// console_keys.test.mjs - an agent works six sessions with nothing but a keyboard, and no draft of his is lost.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desk, launch, person, picture, Server } from './harness.mjs';
import { noFaults } from './console_played.mjs';

const NAMES = ['Mara', 'Jonas', 'Olga', 'Wiktor', 'Nina', 'Tom'];

/** A page with as many visitors as one likes, each on a link of its own. */
async function visitors(t, browser, server) {
  const page = await (await person(t, browser)).newPage();
  await page.goto(`${server.url}/help.html`);
  const come = (name, queue = 'sales') => page.evaluate(([who, where]) => new Promise((done) => {
    const link = new WebSocket(`ws://${location.host}/usher`, 'usher.v1');
    window.links = { ...window.links, [who]: link };
    link.heard = [];
    link.onopen = () => link.send(JSON.stringify({ type: 'hello', as: 'visitor' }));
    link.onmessage = ({ data }) => {
      for (const note of data.split('\n').map(JSON.parse)) {
        link.heard.push(note);
        if (note.type === 'hello') {
          link.send(JSON.stringify({ type: 'start', queue: where, body: `Hello from ${who}`, form: { name: who }, key: 'k' }));
        } else if (note.type === 'opened') {
          link.session = note.session;
          done();
        }
      }
    };
  }), [name, queue]);
  const say = (name, body) => page.evaluate(([who, text]) => {
    const link = window.links[who];
    link.send(JSON.stringify({ type: 'say', session: link.session, body: text, key: text }));
  }, [name, body]);
  const visit = (name, url, title) => page.evaluate(([who, where, what]) => {
    const link = window.links[who];
    link.send(JSON.stringify({ type: 'visit', session: link.session, url: where, title: what, key: where }));
  }, [name, url, title]);
  const heard = (name, body) => page.waitForFunction(([who, text]) => window.links[who].heard.some(
    (fact) => fact.type === 'said' && fact.body === text), [name, body]);
  const had = (name, type) => page.waitForFunction(([who, what]) => window.links[who].heard.some(
    (fact) => fact.type === what), [name, type]);
  return { come, say, visit, heard, had };
}

const current = (page, name) => page.locator('.column.current h2', { hasText: name }).waitFor();
const focusIn = (page) => page.evaluate(() => document.activeElement.getAttribute('aria-label'));

test('six sessions side by side, and all that one does with them, by the keyboard alone', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const { come, say, visit, heard, had } = await visitors(t, browser, server);
  const { page, offer } = await Desk.open(await person(t, browser), server, 'ann');
  const press = (keys) => page.keyboard.press(keys);

  // The first thing that Tab reaches leads past everything.
  await page.evaluate(() => document.activeElement.blur());
  await press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the sessions');
  await press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');

  await press('Alt+g');
  await page.locator('.ready.on').waitFor();
  for (const name of NAMES) {
    await come(name);
    await offer.getByText(`${name} waits in Sales`).waitFor();
    await press('Alt+y');
    await current(page, name);
  }
  assert.equal(await page.locator('.column:visible').count(), 6);
  const boxes = await page.locator('.column').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width));
  assert.ok(boxes.every((width) => width >= 290), `${boxes}`);
  assert.equal(await focusIn(page), 'Reply to Tom');

  // Each has its own draft; one of them is sent.
  for (const [i, name] of NAMES.entries()) {
    await press(`Alt+${i + 1}`);
    await current(page, name);
    await page.keyboard.type(`For ${name}`);
  }
  await picture(page, 'console-six-1280');
  await press('Alt+ArrowDown');
  await current(page, 'Mara');
  await press('Enter');
  await heard('Mara', 'For Mara');
  await press('Alt+ArrowUp');
  await current(page, 'Tom');
  await page.reload();
  await page.locator('.column').nth(5).waitFor();
  const drafts = await page.locator('.column textarea').evaluateAll((all) => all.map((area) => area.value));
  assert.deepEqual(drafts, ['', 'For Jonas', 'For Olga', 'For Wiktor', 'For Nina', 'For Tom']);

  // A note is no reply, and keeps apart from the draft of one.
  await press('Alt+2');
  await press('Alt+w');
  assert.equal(await focusIn(page), 'Internal note');
  await page.keyboard.type('Only for us');
  await press('Enter');
  await page.locator('.message.internal', { hasText: 'Only for us' }).waitFor();
  await press('Alt+r');
  assert.equal(await page.locator('.column.current textarea').inputValue(), 'For Jonas');

  // A canned reply, found by typing, with the visitor's name in it.
  await press('Alt+1');
  await page.keyboard.type('/');
  await page.keyboard.type('thank');
  await press('ArrowDown');
  await press('ArrowUp');
  await press('Enter');
  assert.equal(await page.locator('.column.current textarea').inputValue(), 'Thank you for waiting, Mara.');
  await press('Enter');
  await heard('Mara', 'Thank you for waiting, Mara.');
  await page.keyboard.type('//home');
  assert.equal(await page.locator('.column.current textarea').inputValue(), '/home');

  // About the customer: before the sessions, since there is no room beside them.
  await visit('Mara', 'https://shop.example/vase?c=blue', 'Vase, blue');
  await press('Alt+p');
  await page.locator('.customer .pages a', { hasText: 'Vase, blue' }).waitFor();
  assert.equal(await page.locator('.customer .pages a').getAttribute('href'), 'https://shop.example/vase?c=blue');
  await press('Escape');
  await page.locator('.customer').waitFor({ state: 'hidden' });
  assert.equal(await page.locator('.pages').count() > 0 && await page.locator('.thread').getByText('Vase, blue').count(), 0);

  // Only one, then all again; hidden, unread, and found.
  await press('Alt+m');
  assert.equal(await page.locator('.column').count(), 1);
  await press('Alt+m');
  assert.equal(await page.locator('.column').count(), 6);
  await press('Alt+3');
  await press('Alt+h');
  assert.equal(await page.locator('.column').count(), 5);
  await say('Olga', 'Are you there?');
  await page.locator('.item', { hasText: 'Olga' }).locator('.badge', { hasText: '1' }).waitFor();
  await press('Alt+u');
  await current(page, 'Olga');

  // Passed on, and ended.
  await press('Alt+t');
  await page.locator('.column.current .drawer button').first().waitFor();
  await press('Tab');
  await press('Enter');
  await had('Olga', 'moved');
  await press('Alt+4');
  await press('Alt+k');
  await page.getByRole('button', { name: 'End it' }).waitFor();
  await press('Enter');
  await had('Wiktor', 'closed');
  await page.locator('.column.current', { hasText: 'This session has ended.' }).waitFor();
  await press('Alt+h');
  await page.locator('.item', { hasText: 'Wiktor' }).waitFor({ state: 'detached' });

  // An offer that is declined is over; then away, with a reason.
  await come('Zoe');
  await offer.getByText('Zoe waits in Sales').waitFor();
  await press('Alt+Shift+y');
  await offer.waitFor({ state: 'detached' });
  await press('Alt+g');
  await press('Tab');
  await press('Enter');
  await page.locator('.ready', { hasText: 'Away · Lunch' }).waitFor();
});

test('the list of keys opens with ?, holds every one, and can switch them off', async (t) => {
  const server = await Server.start(t);
  const { page } = await Desk.open(await person(t, await launch()), server, 'ann');
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await help.waitFor();
  assert.equal(await help.locator('dt').count(), 20);
  assert.deepEqual(await help.locator('dd').evaluateAll((all) => all.filter((one) => one.textContent === '')), []);
  await picture(page, 'console-help-1280');
  await noFaults(page, 'help');
  await help.getByLabel('Use these shortcuts').press('Space');
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'hidden' });
  await page.keyboard.press('?');
  await page.keyboard.press('Alt+g');
  assert.equal(await help.isVisible(), false);
  assert.equal(await page.locator('.ready.on').count(), 0);
  await page.reload();
  await page.locator('.me').click();
  await page.locator('.settings').getByRole('button', { name: 'Keyboard shortcuts' }).click();
  assert.equal(await help.getByLabel('Use these shortcuts').isChecked(), false);
});

test('canned replies are edited, kept, and restored', async (t) => {
  const server = await Server.start(t);
  const { page } = await Desk.open(await person(t, await launch()), server, 'ann');
  const edit = async () => {
    await page.locator('.me').click();
    await page.getByRole('button', { name: 'Edit canned replies' }).click();
  };
  const sheet = page.getByRole('dialog', { name: 'Canned replies' });
  await edit();
  assert.equal(await sheet.locator('.row').count(), 6);
  await sheet.getByRole('button', { name: 'Remove hello' }).click();
  await sheet.getByRole('button', { name: 'Add a reply' }).click();
  await page.keyboard.type('wrap');
  await page.keyboard.press('Tab');
  await page.keyboard.type('We wrap it for you, {name}.');
  await noFaults(page, 'the editor of canned replies');
  await sheet.getByRole('button', { name: 'Save' }).click();
  await page.reload();
  await edit();
  assert.deepEqual(await sheet.locator('.row input').evaluateAll((all) => all.map((one) => one.value)),
    ['moment', 'thanks', 'order', 'else', 'bye', 'wrap']);
  await sheet.getByRole('button', { name: 'Restore the defaults' }).click();
  assert.equal(await sheet.locator('.row').count(), 6);
  await sheet.getByRole('button', { name: 'Remove hello' }).waitFor();
});
