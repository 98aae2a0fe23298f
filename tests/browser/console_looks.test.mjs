// console_looks.test.mjs - the console in each honest state, language and size: said, accessible, and a picture of it.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DESKTOP, launch, person, PHONE, picture, Server } from './harness.mjs';
import { id, noFaults, Played, QUEUES, session } from './console_played.mjs';

const shop = 'https://shop.example';
const mara = session(1, 'Mara', [['v', 'Is the big vase also there in blue?'], ['ann', 'Hello Mara, I am Ann. It is: a lighter and a darker one.'],
  ['v', 'The lighter one, please.'], ['note', 'Asked twice this week; wants it wrapped.'], ['ann', 'Shall I put it aside for you?'],
  ['v', 'Yes! And could you wrap it as a present? It is for my mother, who turns 70 on Saturday.']],
{ form: { name: 'Mara', email: 'mara@example.org' }, pages: [[`${shop}/`, 'Home'], [`${shop}/vase?colour=blue`, 'Vase, large'], ['javascript:alert(1)', 'No link']] });
const others = [session(2, 'Jonas', [['v', 'My order has not come yet.'], ['ann', 'I am sorry. What is its number?'], ['v', '4711-2']], { ago: 500000 }),
  session(3, 'ليلى', [['v', 'مرحبا، هل هو أزرق؟'], ['ann', 'نعم']], { ago: 300000 }),
  session(4, 'สมชาย', [['v', 'สวัสดีค่ะ ร้านเปิดกี่โมง'], ['ann', 'สวัสดีค่ะ']], { ago: 200000 })];

/** A picture by day and by night, and nothing that axe finds in either. */
async function both(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await picture(page, `console-${name}-${colorScheme}`);
    await noFaults(page, `${name}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}
const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

test('each state says what it is, and why', async (t) => {
  const server = await Server.start(t);
  const played = await Played.open(t, await launch(), server, { silent: true });
  const { page } = played;
  const idle = (text) => page.locator('.idle h2', { hasText: text }).waitFor();
  const again = async (hello) => {
    played.hello = hello;
    await played.socket.close({ code: 1012 });
  };

  await idle('Connecting to the desk');
  await page.locator('.banner', { hasText: 'Connecting…' }).waitFor();
  await both(page, 'connecting-1280');
  played.silent = false;
  played.greet();
  await idle('Nothing to do right now');
  await both(page, 'ready-1280');
  played.tell({ type: 'agent', ready: false, why: 'asked', reason: 'Lunch' });
  await idle('You are away');
  await page.locator('.ready', { hasText: 'Away · Lunch' }).waitFor();
  played.tell({ type: 'agent', ready: false, why: 'missed' });
  await idle('You missed too many offers');
  await page.locator('.ready', { hasText: 'you missed too many offers' }).waitFor();
  await both(page, 'missed-1280');
  played.tell({ type: 'agent', ready: false, why: 'lost' });
  await idle('You were not connected');
  await again({ queues: QUEUES.map((queue) => ({ ...queue, open: false })) });
  await idle('No queue is open');
  await both(page, 'closed-1280');

  played.sessions = [mara];
  await again({});
  await page.locator('.column').waitFor();
  played.tell({ type: 'degraded', on: true });
  await page.locator('.banner', { hasText: 'Messages cannot be stored right now' }).waitFor();
  played.answer = ({ type }) => (type === 'say' ? [] : undefined);
  await played.column('Mara').locator('textarea').fill('Is this kept?');
  await played.column('Mara').locator('textarea').press('Enter');
  await page.locator('.unsent .tick', { hasText: 'not stored yet' }).waitFor();
  await both(page, 'degraded-1280');
  played.tell({ type: 'refused', key: played.sent('say')[0].key, why: 'full', text: 'full' });
  await page.locator('.failed .meta', { hasText: 'there is no room for it right now' }).waitFor();
  await both(page, 'full-1280');
  played.tell({ type: 'degraded', on: false });
  await page.locator('.banner').waitFor({ state: 'hidden' });

  await played.context.setOffline(true);
  await page.locator('.banner', { hasText: 'You are offline' }).waitFor();
  await both(page, 'offline-1280');
  await played.context.setOffline(false);
  await page.locator('.banner').waitFor({ state: 'hidden' });
  played.shut = true;
  await played.socket.close({ code: 1012 });
  await page.locator('.banner', { hasText: /Connection lost|Connecting/ }).waitFor();
});

test('at work, wide and on a phone, by day and by night', async (t) => {
  const server = await Server.start(t);
  const played = await Played.open(t, await launch(), server, { sessions: [mara, ...others] });
  const { page } = played;
  await page.locator('.customer .pages li').first().waitFor();
  assert.deepEqual(await page.locator('.customer .pages a').allTextContents(), ['Vase, large', 'Home']);
  played.offer(1, 'Wiktor');
  await page.locator('.offer').waitFor();
  await played.column('Mara').locator('textarea').fill('Of course.');
  await both(page, 'work-1280');
  await played.column('Mara').getByRole('button', { name: 'Transfer' }).click();
  await both(page, 'transfer-1280');
  await page.keyboard.press('Escape');
  await played.column('Mara').locator('textarea').fill('');
  await played.column('Mara').locator('textarea').press('/');
  await both(page, 'canned-1280');
  await page.keyboard.press('Escape');
  await page.locator('.me').click();
  await both(page, 'settings-1280');
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'me', 'the focus goes back to its button');

  await page.setViewportSize(PHONE.viewport);
  await page.getByRole('button', { name: 'Back to the list' }).click();
  await both(page, 'phone-list-390');
  await page.locator('.item', { hasText: 'Mara' }).click();
  await both(page, 'phone-session-390');
  await page.getByRole('button', { name: 'About the customer' }).click();
  await both(page, 'phone-customer-390');
  assert.equal(await wide(page), false);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'customer');
  await page.keyboard.press('Escape');
});

test('five languages: chosen by the browser, picked by the agent, remembered; Arabic from the right', async (t) => {
  const server = await Server.start(t);
  const browser = await launch();
  const signin = await (await person(t, browser, { ...DESKTOP, locale: 'zh-CN' })).newPage();
  await signin.goto(`${server.url}/console/`);
  await signin.getByRole('heading', { name: '登录客服台' }).waitFor();
  await signin.getByLabel('语言').selectOption('pl');
  await signin.getByRole('heading', { name: 'Zaloguj się do pulpitu' }).waitFor();
  await both(signin, 'sign-in-1280');
  await signin.reload();
  await signin.getByRole('button', { name: 'Zaloguj się' }).waitFor();

  const played = await Played.open(t, browser, server, { options: { ...DESKTOP, locale: 'ar' }, sessions: [mara, ...others] });
  const { page } = played;
  await page.locator('.top', { hasText: 'جاهز' }).waitFor();
  assert.equal(await page.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dir}`), 'ar rtl');
  const side = await page.locator('.side').boundingBox();
  assert.ok(side.x > 900, 'the list stands on the right');
  await both(page, 'arabic-1280');
  await played.column('Mara').locator('textarea').fill('half a word');
  await page.locator('.me').click();
  await page.locator('.settings select').selectOption('th');
  await page.locator('.top', { hasText: 'พร้อม' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'SELECT', 'the focus stays where it was');
  await page.keyboard.press('Escape');
  assert.equal(await played.column('Mara').locator('textarea').inputValue(), 'half a word');
  assert.equal(await page.evaluate(() => document.documentElement.dir), 'ltr');
  await both(page, 'thai-1280');
  assert.equal(played.sent('hello').length, 1, 'the link is the same');
  await page.setViewportSize(PHONE.viewport);
  await page.reload();
  await page.locator('.top', { hasText: 'พร้อม' }).waitFor();
  await both(page, 'thai-390');
});

test('texts grow to 200 %, nothing is cut off, and it is remembered', async (t) => {
  const server = await Server.start(t);
  const played = await Played.open(t, await launch(), server, { sessions: [mara, ...others] });
  const { page } = played;
  const px = () => page.locator('.item .name').first().evaluate((node) => parseFloat(getComputedStyle(node).fontSize));
  const before = await px();
  await page.locator('.me').click();
  const larger = page.getByRole('button', { name: 'Larger text' });
  for (let i = 0; i < 9; i++) {
    await larger.press('Enter');
  }
  await page.locator('.percent', { hasText: '200 %' }).waitFor();
  assert.equal(await px(), 2 * before);
  assert.equal(await wide(page), false);
  await page.keyboard.press('Escape');
  await both(page, 'text-200-1280');
  await page.reload();
  await page.locator('.item').first().click();
  assert.equal(await px(), 2 * before);
  await both(page, 'text-200-session-1280');
  const send = await page.getByRole('button', { name: 'Send', exact: true }).boundingBox();
  assert.ok(send.y + send.height <= 860 && send.x + send.width <= 1280);
  assert.equal(await wide(page), false);
});

test('a screen reader hears of an offer at once, and of a message elsewhere in its turn', async (t) => {
  const server = await Server.start(t);
  const played = await Played.open(t, await launch(), server, { sessions: [mara] });
  const { page } = played;
  played.offer(7, 'Zoe');
  await page.locator('[aria-live=assertive] p', { hasText: 'New offer: Sales. Zoe.' }).waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Hide this session' }).click();
  played.tell({ type: 'said', session: id(1), index: mara.entry.head + 1, at: Date.now(), by: { kind: 'visitor', name: 'Mara' }, body: 'Hello?' });
  await page.locator('[aria-live=polite] p', { hasText: 'Mara: Hello?' }).waitFor({ state: 'attached' });
  assert.equal(await page.locator('.item .unseen').textContent(), '1 unread');
  assert.ok(await page.evaluate(() => document.activeElement !== document.body), 'the focus is not lost');
});

test('the countdown goes by the clock of the desk, however wrong that of the computer is', async (t) => {
  const server = await Server.start(t);
  const played = await Played.open(t, await launch(), server, { hello: { now: Date.now() - 3600000 } });
  played.offer(1, 'Zoe', 18 - 3600);
  await played.page.locator('.seconds', { hasText: /^1[5-8] s left$/ }).waitFor();
});
