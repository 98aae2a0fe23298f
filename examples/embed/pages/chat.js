// chat.js - the smallest useful page for a visitor: says hello, shows what is said, and sends. It appears when the desk answers.
// SPDX-License-Identifier: MIT
//
// docs/protocol.md is all that it needs to know. The example server's widget
// (examples/server/web) does the same with everything that a shop wants.
'use strict';

const DESK = document.currentScript.dataset.desk;
const TOKEN = 'shop.chat';
const RETRY_MS = 3000;

let socket = null;
let session = null;
let queue = null;
let here = 0; // the last index that is shown
let box = null;

function build() {
    box = document.createElement('section');
    box.className = 'chat';
    box.innerHTML = '<h2>Ask us</h2><div role="log"></div>'
        + '<form><input aria-label="Your message" maxlength="2000" required><button>Send</button></form>';
    box.querySelector('form').addEventListener('submit', (event) => {
        event.preventDefault();
        const field = box.querySelector('input');
        const key = crypto.randomUUID(); // Once, however often it is sent.
        socket.send(JSON.stringify(session === null
            ? {type: 'start', key, queue, body: field.value}
            : {type: 'say', key, session, body: field.value}));
        field.value = '';
    });
    document.body.append(box);
}

function show(text) {
    const line = document.createElement('p');
    line.textContent = text;
    box.querySelector('[role=log]').append(line);
}

function take(m) {
    if (m.type === 'hello') {
        localStorage.setItem(TOKEN, m.token);
        queue = m.desk.queues[0].id;
        const open = m.sessions.find((one) => one.state !== 'closed')?.session ?? null;
        here = open === session ? here : 0;
        session = open;
        if (box === null) {
            build();
        }
    } else if (m.type === 'refused') {
        show(`Not sent: ${m.text ?? m.why}`);
    } else if (m.index === here + 1 && (session === null || m.session === session)) {
        here = m.index;
        session = m.session;
        if (m.type === 'said') {
            show(`${m.by.kind === 'agent' ? m.by.name : 'You'}: ${m.body}`);
        } else if (m.type === 'joined') {
            show(`${m.agent.name} is here.`);
        } else if (m.type === 'closed') {
            show('This is closed. Write again to begin anew.');
            session = null;
            here = 0;
        }
    }
}

function connect() {
    socket = new WebSocket(DESK, 'usher.v1');
    socket.addEventListener('open', () => {
        const have = session === null ? {} : {[session]: here};
        socket.send(JSON.stringify({type: 'hello', as: 'visitor', token: localStorage.getItem(TOKEN) ?? '', have}));
    });
    socket.addEventListener('message', (event) => event.data.split('\n').forEach((m) => take(JSON.parse(m))));
    socket.addEventListener('close', () => setTimeout(connect, RETRY_MS));
}

connect();
