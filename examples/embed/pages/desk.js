// desk.js - the smallest useful page for an agent: signs in with the shop's key, accepts offers, and answers.
// SPDX-License-Identifier: MIT
//
// The example server's console (examples/server/web/console) does the same with everything that an agent wants.
'use strict';

const DESK = document.currentScript.dataset.desk;
const RETRY_MS = 3000;

const sessions = new Map(); // id: {box, here}
const state = document.querySelector('#state');
let socket = null;
let key = null;

function send(command) {
    socket.send(JSON.stringify({...command, key: crypto.randomUUID()}));
}

function build(id) {
    const box = document.createElement('section');
    box.className = 'chat';
    box.innerHTML = '<div role="log"></div>'
        + '<form><input aria-label="Your answer" maxlength="2000" required><button>Send</button>'
        + '<button type="button">Close</button></form>';
    box.querySelector('form').addEventListener('submit', (event) => {
        event.preventDefault();
        send({type: 'say', session: id, body: box.querySelector('input').value});
        box.querySelector('input').value = '';
    });
    box.querySelector('[type=button]').addEventListener('click', () => send({type: 'close', session: id}));
    document.querySelector('#sessions').append(box);
    sessions.set(id, {box, here: 0});
    return sessions.get(id);
}

function offer(m) {
    const button = document.createElement('button');
    button.textContent = `Accept a visitor of ${m.queue}`;
    button.id = m.offer;
    button.addEventListener('click', () => send({type: 'accept', offer: m.offer}));
    document.querySelector('#sessions').prepend(button);
}

function fact(m) {
    const one = sessions.get(m.session) ?? build(m.session);
    if (m.log === 'internal' || m.index <= one.here) {
        return;
    }
    one.here = m.index;
    const line = document.createElement('p');
    if (m.type === 'said') {
        line.textContent = `${m.by.name ?? m.by.kind}: ${m.body}`;
        one.box.querySelector('[role=log]').append(line);
    } else if (m.type === 'closed') {
        one.box.querySelector('form').remove();
    }
}

function take(m) {
    if (m.type === 'hello') {
        state.textContent = `You are ${m.name}, and ready.`;
        document.querySelector('#sign-in').hidden = true;
        send({type: 'ready', on: true});
    } else if (m.type === 'offer') {
        offer(m);
    } else if (m.type === 'offer_over') {
        document.getElementById(m.offer)?.remove();
    } else if (m.type === 'refused') {
        state.textContent = m.text;
    } else if (m.index !== undefined && m.session !== undefined) {
        fact(m);
    }
}

function connect() {
    socket = new WebSocket(DESK, 'usher.v1');
    socket.addEventListener('open', () => socket.send(JSON.stringify({type: 'hello', as: 'agent', token: key})));
    socket.addEventListener('message', (event) => event.data.split('\n').forEach((m) => take(JSON.parse(m))));
    socket.addEventListener('close', (event) => {
        if (event.code === 4401) {
            document.querySelector('#sign-in').hidden = false;
        } else {
            setTimeout(connect, RETRY_MS);
        }
    });
}

document.querySelector('#sign-in').addEventListener('submit', (event) => {
    event.preventDefault();
    key = document.querySelector('#sign-in input').value;
    connect();
});
