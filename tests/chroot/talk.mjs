// talk.mjs - a visitor and an agent talk through a server that is running: talk.mjs ORIGIN AGENT PASSWORD
// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { Server } from '../server/harness.mjs';

const [origin, agent, password] = process.argv.slice(2);
const server = Object.assign(new Server(), { origin, port: Number(new URL(origin).port) });

/** The fact that is told on this link with these words. */
async function said(link, body) {
  for (;;) {
    const fact = await link.next('said');
    if (fact.body === body) {
      return fact;
    }
  }
}

assert.equal((await server.get('/healthz')).status, 200, '/healthz');
assert.match((await server.get('/')).body, /widget\.js/, 'the shop page brings the widget');
const login = await server.login(agent, password);
assert.equal(login.status, 200, `${agent} signs in: ${login.body}`);

const desk = await server.link();
assert.equal((await desk.hello(JSON.parse(login.body).token)).agent, agent);
desk.send({ type: 'ready', on: true, key: 'ready' });
await desk.next('done');

const visitor = await server.link();
await visitor.hello();
visitor.send({ type: 'start', queue: 'sales', body: 'Is this on?', key: 'start' });
const { session } = await visitor.next('opened');
const { offer } = await desk.next('offer');
desk.send({ type: 'accept', offer, key: 'accept' });
assert.equal((await visitor.next('joined')).agent.id, agent);
await said(desk, 'Is this on?');
desk.send({ type: 'say', session, body: 'It is. สวัสดี', key: 'say' });
assert.equal((await said(visitor, 'It is. สวัสดี')).by.kind, 'agent');
visitor.send({ type: 'say', session, body: 'Good.', key: 'thanks' });
await said(desk, 'Good.');
visitor.send({ type: 'close', session, key: 'close' });
await desk.next('closed');
visitor.close();
desk.close();
console.log(`${agent} and a visitor understand each other`);
