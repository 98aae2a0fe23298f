// routing.test.mjs - what visitors and agents see of routing: waiting that is helped along, sessions without an offer, offers to several.
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desk, launch, person, picture, Server, Shop } from './harness.mjs';

/** Steps and rules for the two queues of the demo. */
const rules = (sales, returns = {}) => (config) => {
  config.queues = [{ id: 'sales', name: 'Sales', ...sales }, { id: 'returns', name: 'Returns', ...returns }];
  config.agents.forEach((agent) => {
    delete agent.skills;
    delete agent.tiers;
  });
};

test('who waits for long is told what is done about it, and how it ends', async (t) => {
  const server = await Server.start(t, rules(
    { steps: [{ after_s: 1, priority: 3 }, { after_s: 1, move: 'returns' }] },
    { steps: [{ after_s: 2, close: true }] }));
  const shop = await Shop.open(await person(t, await launch()), server);
  await shop.start('Is anybody there?', { name: 'Mara', queue: 'sales' });
  await shop.panel.getByRole('button', { name: 'New chat' }).waitFor();
  assert.deepEqual(await shop.panel.locator('.event').allTextContents(), [
    'You are in line. Somebody will be with you.',
    'We are getting you help sooner',
    'You are now waiting for Returns',
    'The chat ended because nobody could take your question in time',
  ]);
});

test('a session that is an agent\'s at once stands in his console, and in what he has to read', async (t) => {
  const server = await Server.start(t, rules({ offering: 'auto' }));
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser), server, 'ann');
  await desk.ready();
  const shop = await Shop.open(await person(t, browser), server);
  await shop.start('Is it blue?', { name: 'Mara', queue: 'sales' });
  await shop.event('Ann, agent, joined');
  await desk.heard('Mara', 'Is it blue?');
  assert.equal(await desk.offer.count(), 0);
  await desk.say('Mara', 'It is.');
  await shop.heard('It is.');
});

test('who was offered it, too, is told that somebody else took it', async (t) => {
  const server = await Server.start(t, rules({ fanout: 2 }));
  const browser = await launch();
  const [ann, bea] = [await Desk.open(await person(t, browser), server, 'ann'),
    await Desk.open(await person(t, browser), server, 'bea')];
  await ann.ready();
  await bea.ready();
  const shop = await Shop.open(await person(t, browser), server);
  await shop.start('Is it blue?', { name: 'Mara', queue: 'sales' });
  await ann.offer.waitFor();
  await bea.accept();
  await ann.page.getByText('Somebody else took Mara.').first().waitFor();
  await ann.offer.waitFor({ state: 'detached' });
  await shop.event('Bea, agent, joined');
});

test('an offer shows which skills are needed', async (t) => {
  const server = await Server.start(t, (config) => {
    rules({ needs: { th: 2, returns: 1 } })(config);
    config.agents[0].skills = { th: 3, returns: 1 };
  });
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser), server, 'ann');
  await desk.ready();
  const shop = await Shop.open(await person(t, browser), server);
  await shop.start('Is it blue?', { name: 'Mara', queue: 'sales' });
  await desk.offer.waitFor();
  assert.deepEqual((await desk.offer.locator('.need').allTextContents()).sort(), ['returns', 'th 2']);
  await picture(desk.page, 'console-offer-needs');
});

test('an agent reads in the thread how it came to him', async (t) => {
  const server = await Server.start(t, rules(
    { steps: [{ after_s: 1, priority: 3 }, { after_s: 1, move: 'returns' }] }));
  const browser = await launch();
  const desk = await Desk.open(await person(t, browser), server, 'cyd');
  await desk.ready();
  const shop = await Shop.open(await person(t, browser), server);
  await shop.start('Is it blue?', { name: 'Mara', queue: 'sales' });
  await desk.accept();
  for (const line of ['Waited for long: more urgent now', 'Waited for long: moved to Returns']) {
    await desk.column('Mara').locator('.event', { hasText: line }).first().waitFor();
  }
});
