// usher-link.js - speaks usher.v1: resumes by cursor, and has each command done exactly once.
// SPDX-License-Identifier: MIT
//
// It touches no page, so it runs in browsers and in Node. docs/protocol.md is what it
// speaks. Here is all that a visitor needs; usher.js adds what only agents do.
// Events: state, hello, change, fact, note, refused.

import {SessionLog} from './usher-log.js';
import {Calls, Sender} from './usher-outbox.js';
import {LOST, Socket} from './usher-socket.js';
import {cleanText} from './usher-dom.js';

const SEEN_MS = 2200;           // the protocol allows one `seen` in 2 s
const TYPING_MS = 3000;
const TYPING_SHOWN_MS = 6000;
const HAVE_MAX = 64;
const NOBODY = '0'.repeat(32);
// Close codes that say that a frame of ours was not acceptable.
const BAD_FRAME_CODES = [1003, 1007, 1009, 4400];

export class Link extends Socket {
    // {url, as, space, storage} and maybe {token, locks, WebSocket, about, random}.
    // `space` begins the names of all items in the storage, a Store; about() adds to hello.
    constructor(options) {
        super(options);
        this.as = options.as;
        this.me = null;                 // what hello said about us
        this.desk = null;               // visitor: {open, queues, form}
        this.sessions = new Map();      // id -> SessionLog
        this.limits = {body: 8192, frame: 16384};
        this.degraded = false;          // the desk cannot store anything for now
        this._token = options.token ?? null;
        this._space = options.space;
        this._storage = options.storage;
        this._locks = options.locks;
        this._about = options.about ?? (() => ({}));
        this._listeners = new Map();
        this._epoch = null;
        this._ticker = null;
        this._hello_done = null;
        this._greeting = 0;
        this._seen = new Map();         // session -> {index, at}
        this._typed = new Map();        // session -> when
        const ask = (command) => this.greeted && this.send(command, true);
        this._calls = new Calls(ask);
        this._sender = new Sender({
            storage: this._storage,
            locks: this._locks,
            space: this._space,
            send: ask,
            changed: () => this._touch(),
        });
    }

    on(type, listener) {
        const listeners = this._listeners.get(type) ?? [];
        this._listeners.set(type, [...listeners, listener]);
        return this;
    }

    // ---- the link -------------------------------------------------------

    connect() {
        this._ticker ??= setInterval(() => this._tick(), 1000);
        super.connect();
    }

    // Another tab of ours changed the storage. null: all of it.
    stored(name) {
        if (name === `${this._space}.token` && this.as === 'visitor' && this.greeted
            && this._storage.get(name) !== this._token) {
            this.lost(LOST);
        } else if (this._sender.outbox.owns(name)) {
            this._sender.outbox.refresh();
            this._sender.pump();
            this._touch();
        }
    }

    wake() {
        super.wake();
        this._touch();
    }
    sleep() {
        super.sleep();
        this._touch();
    }

    changed(state) {
        if (state === 'off' || state === 'signed_out') {
            clearInterval(this._ticker);
            this._ticker = null;
            this._release();
        }
        this._emit('state', state);
        this._touch();
    }

    // A visitor's first hello makes the token that all his tabs share: one at a time.
    opened() {
        if (this.as !== 'visitor' || !this._locks || this._readToken() !== null) {
            this._sayHello();
            return;
        }
        const greeting = ++this._greeting;
        const hello = () => greeting === this._greeting && new Promise((resolve) => {
            this._hello_done = resolve;
            this._sayHello();
        });
        // Where all storage is forbidden, locks are too.
        this._locks.request(`${this._space}.hello`, hello).catch(hello);
    }

    _readToken() {
        return this.as === 'visitor' ? this._storage.get(`${this._space}.token`) : this._token;
    }

    _sayHello() {
        const hello = {type: 'hello', as: this.as, ...this._about()};
        this._token = this._readToken();
        if (this._token !== null) {
            hello.token = this._token;
        }
        if (this._epoch !== null) {
            hello.epoch = this._epoch;
            hello.have = this._have();
        }
        if (!this.send(hello)) {
            this._release();
        }
    }

    // The newest 64, open ones first: the others stream from the start. What an agent has
    // cleared away need not come back.
    _have() {
        const rank = (log) => (log.open ? 1e15 : 0) + log.changed_at;
        const logs = [...this.sessions.values()]
            .filter((log) => log.public.cursor > 0 && !log.cleared)
            .sort((a, b) => rank(b) - rank(a)).slice(0, HAVE_MAX);
        return Object.fromEntries(logs.map((log) => [log.id, this._cursor(log)]));
    }

    _cursor(log) {
        return log.public.cursor;
    }

    // What hung on the link that is gone; the socket itself comes back.
    closed(code) {
        if (BAD_FRAME_CODES.includes(code)) {
            this._sender.poisoned();
        }
        this._release();
    }

    _release() {
        this._hello_done?.();
        this._hello_done = null;
        this._greeting++;
        this._sender.release();
        this._calls.unsent();
    }

    // ---- what comes in --------------------------------------------------

    settled() {
        this._sender.pump();
        this._touch();
    }

    received(message) {
        if (message.type === 'hello') {
            this._welcome(message);
        } else if (message.index !== undefined) {
            this._fact(message);
        } else {
            this._note(message);
        }
    }

    _welcome(hello) {
        const key = `${this._space}.token`;
        if (this.as === 'visitor') {
            const stored = this._storage.get(key);
            if (stored !== this._token && stored !== null && stored !== hello.token) {
                // Another tab was quicker: be the visitor that it is.
                this.lost(LOST);
                return;
            }
            this._token = hello.token;
            this._storage.set(key, hello.token);
        }
        this._hello_done?.();
        this._hello_done = null;
        if (hello.epoch !== this._epoch) {
            this.sessions.clear();
        }
        this._epoch = hello.epoch;
        this.me = hello;
        this.desk = hello.desk ?? null;
        this.limits = {...this.limits, ...hello.limits};
        this.degraded = false;
        this.patient = false;
        this._list(hello.sessions ?? []);
        this.welcome();
        this._emit('hello', hello);
        this._sender.begin();
        this._calls.pump();
    }

    // A session that is not listed is not ours any more.
    _list(entries) {
        const listed = new Set(entries.map((entry) => entry.session));
        for (const id of this.sessions.keys()) {
            if (!listed.has(id)) {
                this.sessions.delete(id);
            }
        }
        for (const entry of entries) {
            this._session(entry.session).told(entry);
        }
    }

    _session(id) {
        let log = this.sessions.get(id);
        if (log === undefined) {
            log = this._newLog(id);
            this.sessions.set(id, log);
        }
        return log;
    }

    _newLog(id) {
        return new SessionLog(id);
    }

    _fact(fact) {
        const log = this._session(fact.session);
        const now = Date.now();
        const result = log.apply(fact, now);
        if (result === 'gap') {
            // A server never leaves one; a new link streams what is missing.
            this.lost(LOST);
            return;
        }
        if (fact.key !== undefined) {
            this._answered(fact.key, fact);
        }
        if (result === 'new') {
            this._learned(log, fact);
        }
    }

    _learned(log, fact) {
        this._emit('fact', {log, fact});
    }

    _note(note) {
        const log = this.sessions.get(note.session);
        switch (note.type) {
        case 'done':
            this._answered(note.key, note);
            break;
        case 'refused':
            this._refuse(note);
            break;
        case 'history':
            log?.prepend(note);
            this._answered(note.key, note);
            break;
        case 'reset':
            this._session(note.session).reset(note);
            break;
        case 'place':
        case 'typing':
        case 'presence':
            log?.note(note, Date.now());
            break;
        case 'degraded':
            this.degraded = note.on;
            this.patient = note.on;
            break;
        case 'bye':
            this.after_ms = note.retry_ms ?? 0;
            break;
        default:
            // What this file has no use for, a page may have.
            this._emit('note', note);
            break;
        }
    }

    // ---- what goes out --------------------------------------------------

    // All return the key under which it stands in the outbox. `session` may be
    // {start: key}: the session that this start will open.
    start({queue, body, form = {}}) {
        return this._put({type: 'start', queue, body,
                          ...(Object.keys(form).length > 0 ? {form} : {})});
    }
    say(session, body) {
        return this._put({type: 'say', session, body});
    }
    close(session) {
        return this._put({type: 'close', session});
    }
    reopen(session) {
        return this._put({type: 'reopen', session});
    }

    _put(command) {
        const {body} = command;
        return this._sender.put(body === undefined ? command : {...command, body: cleanText(body)},
                                this.limits.frame);
    }

    // These are answered now or never: promises, for an answer or a Refused.
    // visit: which page the visitor is on, {url, title}.
    visit(session, {url, title}) {
        return this._calls.call({type: 'visit', session, url, ...(title ? {title} : {})});
    }
    history(session, limit = 50) {
        const {public: {first}, internal} = this.sessions.get(session) ?? {public: {first: 1}};
        const before = internal ? [first, internal.first] : first;
        return this._calls.call({type: 'history', session, limit, ...(first > 1 ? {before} : {})});
    }

    // News, worth nothing tomorrow: no key, no outbox.
    typing(session) {
        if (Date.now() - (this._typed.get(session) ?? 0) > TYPING_MS && this.greeted) {
            this._typed.set(session, Date.now());
            this.send({type: 'typing', session});
        }
    }
    seen(session) {
        const log = this.sessions.get(session);
        const index = log?.lastOfOthers(this.as) ?? 0;
        if (index > 0) {
            log.shown = Math.max(log.shown, index);
            this._seen.set(session, {at: 0, ...this._seen.get(session), index});
            this._sendSeen();
        }
    }

    // What waits to be sent to a session; null: to one that is yet to be opened.
    pending(session) {
        return this._sender.outbox.list().filter(
            (entry) => (entry.command.session ?? null) === session);
    }
    // What could not be sent, and whose session is not here: no list shows it.
    orphans() {
        return this._sender.outbox.list().filter(({failed, command: {session}}) => failed
            && (!session || (this.state === 'open' && !this.sessions.has(session))));
    }
    // Once more, or never again.
    retry(key) {
        this._sender.retry(key);
    }
    discard(key) {
        this._sender.outbox.remove(key);
    }

    _answered(key, answer) {
        if (!this._calls.answered(key, answer)) {
            this._sender.answered(key, answer);
        }
    }

    _refuse(note) {
        if (!this.greeted && note.key === undefined) {
            // The hello itself. Ask again on a new link, not sooner than we may.
            this.after_ms = note.retry_ms ?? 0;
            if (note.retry_ms !== undefined) {
                this.lost(LOST);
            }
            return;
        }
        const command = this._sender.refused(note);
        if (command !== undefined || !this._calls.refused(note)) {
            this._emit('refused', {note, command});
        }
    }

    // ---- what time brings -----------------------------------------------

    _tick() {
        for (const log of this.sessions.values()) {
            // Nobody says that he has stopped typing.
            if (log.typing !== null && Date.now() - log.typing.at > TYPING_SHOWN_MS) {
                log.typing = null;
                this._touch();
            }
        }
        if (this.tick() && this.greeted) {
            this._sendSeen();
            this._sender.pump();
            if (!this.degraded) {
                this._sender.stealIfStuck();
            }
        }
    }

    // Any question that has an answer shows whether the link is alive.
    ask() {
        const session = this.sessions.keys().next().value ?? NOBODY;
        this._calls.call({type: 'history', session, limit: 1}).catch(() => {});
    }

    _sendSeen() {
        const now = Date.now();
        for (const [session, wish] of this._seen) {
            const log = this.sessions.get(session);
            if (log === undefined || !log.open || !log.mine
                || wish.index <= log.seen[this.as]) {
                this._seen.delete(session);
            } else if (now - wish.at > SEEN_MS && this.greeted) {
                wish.at = now;
                this.send({type: 'seen', session, index: wish.index});
            }
        }
    }

    // ---- small things ---------------------------------------------------

    _touch() {
        if (!this._touched) {
            this._touched = true;
            queueMicrotask(() => {
                this._touched = false;
                this._emit('change');
            });
        }
    }

    _emit(type, value) {
        for (const listener of this._listeners.get(type) ?? []) {
            listener(value);
        }
    }
}
