// usher.js - speaks usher.v1: resumes by cursor, and has each command done exactly once.
// SPDX-License-Identifier: MIT
//
// It touches no page, so it runs in browsers and in Node. docs/protocol.md is
// what it speaks. Events: state, hello, change, fact, note, offer, offer_over,
// agent, refused.

import {Calls} from './usher-calls.js';
import {SessionLog} from './usher-log.js';
import {usableStorage} from './usher-outbox.js';
import {Sender} from './usher-sender.js';
import {LOST, Socket} from './usher-socket.js';
import {cleanText} from './usher-text.js';

const SEEN_MS = 2200;           // the protocol allows one `seen` in 2 s
const TYPING_MS = 3000;
const TYPING_SHOWN_MS = 6000;
const HAVE_MAX = 64;
const NOBODY = '0'.repeat(32);
// Close codes that say that a frame of ours was not acceptable.
const BAD_FRAME_CODES = [1003, 1007, 1009, 4400];
export class UsherLink {
    // {url, as, space} and maybe {token, storage, locks, WebSocket, about, random}.
    // `space` begins the names of all items in the storage; about() adds to hello.
    constructor(options) {
        this.as = options.as;
        this.me = null;                 // what hello said about us
        this.desk = null;               // visitor: {open, queues, form}
        this.sessions = new Map();      // id -> SessionLog
        this.offers = new Map();        // id -> the offer note
        this.limits = {body: 8192, frame: 16384, key: 64};
        this.degraded = false;          // the desk cannot store anything for now
        this._token = options.token ?? null;
        this._space = options.space;
        this._storage = usableStorage(options.storage);
        this._locks = options.locks ?? null;
        this._about = options.about ?? (() => ({}));
        this._listeners = new Map();
        this._epoch = null;
        this._skew = null;              // server's clock minus ours, at least
        this._ticker = null;
        this._hello_done = null;
        this._greeting = 0;
        this._seen = new Map();         // session -> {index, at}
        this._typed = new Map();        // session -> when
        const ask = (command) => this._socket.greeted && this._socket.send(command, true);
        this._calls = new Calls(ask);
        this._sender = new Sender({
            storage: this._storage,
            locks: this._locks,
            space: this._space,
            send: ask,
            changed: () => this._touch(),
        });
        this._socket = new Socket({
            url: options.url,
            WebSocket: options.WebSocket ?? globalThis.WebSocket,
            random: options.random ?? Math.random,
            opened: () => this._greet(),
            received: (message) => this._dispatch(message),
            settled: () => this._settle(),
            closed: (code) => this._lost(code),
            changed: (state) => this._changed(state),
            ask: () => this._probe(),
        });
    }

    on(type, listener) {
        const listeners = this._listeners.get(type) ?? [];
        this._listeners.set(type, [...listeners, listener]);
        return this;
    }

    // ---- the link -------------------------------------------------------

    // off, connecting, open, waiting, replaced or signed_out.
    get state() {
        return this._socket.state;
    }
    get online() {
        return this._socket.online;
    }

    connect() {
        this._ticker ??= setInterval(() => this._tick(), 1000);
        this._socket.connect();
    }

    disconnect() {
        this._socket.disconnect();
    }

    // The network is said to be back, or gone.
    wake() {
        this._socket.wake();
        this._touch();
    }
    sleep() {
        this._socket.sleep();
        this._touch();
    }

    // Another tab of ours changed the storage. null: all of it.
    stored(name) {
        if (name === `${this._space}.token` && this.as === 'visitor' && this._socket.greeted
            && this._storage.getItem(name) !== this._token) {
            this._socket.lost(LOST);
        } else if (this._sender.outbox.owns(name)) {
            this._sender.outbox.refresh();
            this._sender.pump();
            this._touch();
        }
    }

    // The server's clock, as well as we know it.
    serverNow() {
        return Date.now() + (this._skew ?? 0);
    }

    _changed(state) {
        if (state === 'off' || state === 'signed_out') {
            clearInterval(this._ticker);
            this._ticker = null;
            this._release();
        }
        this._emit('state', state);
        this._touch();
    }

    // A visitor's first hello makes the token that all his tabs share: one at a time.
    _greet() {
        if (this.as !== 'visitor' || !this._locks || this._readToken() !== null) {
            this._sayHello();
            return;
        }
        const greeting = ++this._greeting;
        this._locks.request(`${this._space}.hello`, () => new Promise((resolve) => {
            if (greeting !== this._greeting) {
                resolve();
                return;
            }
            this._hello_done = resolve;
            this._sayHello();
        })).catch(() => {});
    }

    _readToken() {
        return this.as === 'visitor' ? this._storage.getItem(`${this._space}.token`) : this._token;
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
        if (!this._socket.send(hello)) {
            this._release();
        }
    }

    // The newest 64, open ones first: the others stream from the start.
    _have() {
        const rank = (log) => (log.open ? 1e15 : 0) + log.changed_at;
        const logs = [...this.sessions.values()].filter((log) => log.public.cursor > 0)
            .sort((a, b) => rank(b) - rank(a)).slice(0, HAVE_MAX);
        return Object.fromEntries(logs.map((log) => [log.id, this.as === 'visitor'
            ? log.public.cursor : [log.public.cursor, log.internal.cursor]]));
    }

    // What hung on the link that is gone; the socket itself comes back.
    _lost(code) {
        if (BAD_FRAME_CODES.includes(code)) {
            this._sender.poisoned();
        }
        this._release();
        if (this.as === 'agent' && code === 4401) {
            this._socket.disconnect('signed_out');
        }
    }

    _release() {
        this._hello_done?.();
        this._hello_done = null;
        this._greeting++;
        this._sender.release();
        this._calls.unsent();
    }

    // ---- what comes in --------------------------------------------------

    _settle() {
        this._sender.pump();
        this._touch();
    }

    _dispatch(message) {
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
            const stored = this._storage.getItem(key);
            if (stored !== this._token && stored !== null && stored !== hello.token) {
                // Another tab was quicker: be the visitor that it is.
                this._socket.lost(LOST);
                return;
            }
            this._token = hello.token;
            this._store('token', hello.token);
            this._store('epoch', hello.epoch);
        }
        this._hello_done?.();
        this._hello_done = null;
        if (hello.epoch !== this._epoch) {
            this.sessions.clear();
        }
        this._epoch = hello.epoch;
        this._skew = null;
        this.me = hello;
        this.desk = hello.desk ?? null;
        this.limits = {...this.limits, ...hello.limits};
        this.degraded = false;
        this._socket.patient = false;
        this.offers.clear();
        this._list(hello.sessions ?? []);
        this._socket.welcome();
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
            log = new SessionLog(id);
            this.sessions.set(id, log);
        }
        return log;
    }

    _fact(fact) {
        const log = this._session(fact.session);
        const now = Date.now();
        const result = log.apply(fact, now);
        this._skew = Math.max(this._skew ?? -Infinity, fact.at - now);
        if (result === 'gap') {
            // A server never leaves one; a new link streams what is missing.
            this._socket.lost(LOST);
            return;
        }
        if (fact.key !== undefined) {
            this._answered(fact.key, fact);
        }
        if (result === 'new') {
            this._judgeOwner(log, fact);
            this._emit('fact', {log, fact});
        }
    }

    // An agent keeps seeing what he passed on, but may not speak there.
    _judgeOwner(log, fact) {
        if (this.as === 'agent' && log.current) {
            if (fact.type === 'joined') {
                log.mine = fact.agent.id === this.me.agent;
            } else if (fact.type === 'moved' || fact.type === 'left') {
                log.mine = false;
            }
        }
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
            if (log !== undefined) {
                log.place = note;
            }
            break;
        case 'typing':
            if (log !== undefined) {
                log.typing = {by: note.by, at: Date.now()};
            }
            break;
        case 'presence':
            if (log !== undefined) {
                log.here[note.who] = note.here;
            }
            break;
        case 'degraded':
            this.degraded = note.on;
            this._socket.patient = note.on;
            break;
        case 'offer':
            this.offers.set(note.offer, note);
            this._emit('offer', note);
            break;
        case 'offer_over':
            this.offers.delete(note.offer);
            this._emit('offer_over', note);
            break;
        case 'agent':
            this.me = {...this.me, ready: note.ready, why: note.why, reason: note.reason};
            this._emit('agent', note);
            break;
        case 'bye':
            this._socket.after_ms = note.retry_ms ?? 0;
            break;
        default:
            break;
        }
    }

    // ---- what goes out --------------------------------------------------

    // All return the key under which it stands in the outbox. `session` may be
    // {start: key}: the session that this start will open.
    start({queue, body, form}) {
        const command = {type: 'start', queue, body: cleanText(body)};
        if (form && Object.keys(form).length > 0) {
            command.form = form;
        }
        return this._sender.put(command, this.limits.frame);
    }
    say(session, body) {
        return this._sender.put({type: 'say', session, body: cleanText(body)}, this.limits.frame);
    }
    whisper(session, body) {
        return this._sender.put({type: 'whisper', session, body: cleanText(body)},
                                this.limits.frame);
    }
    close(session) {
        return this._sender.put({type: 'close', session}, this.limits.frame);
    }
    reopen(session) {
        return this._sender.put({type: 'reopen', session}, this.limits.frame);
    }
    move(session, to) {
        return this._sender.put({type: 'move', session, ...to}, this.limits.frame);
    }

    // These are answered now or never: promises, for an answer or a Refused.
    ready(on, reason) {
        return this._calls.call(reason ? {type: 'ready', on, reason} : {type: 'ready', on});
    }
    accept(offer) {
        return this._calls.call({type: 'accept', offer});
    }
    decline(offer) {
        return this._calls.call({type: 'decline', offer});
    }
    history(session, limit = 50) {
        const before = this.sessions.get(session)?.public.first;
        return this._calls.call({type: 'history', session, limit, ...(before > 1 ? {before} : {})});
    }

    // News, worth nothing tomorrow: no key, no outbox.
    typing(session) {
        if (Date.now() - (this._typed.get(session) ?? 0) > TYPING_MS && this._socket.greeted) {
            this._typed.set(session, Date.now());
            this._socket.send({type: 'typing', session});
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
        return this.state !== 'open' ? [] : this._sender.outbox.list().filter(
            (entry) => entry.failed !== undefined && !this.sessions.has(entry.command.session));
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
        if (!this._socket.greeted && note.key === undefined) {
            // The hello itself. Ask again on a new link, not sooner than we may.
            this._socket.after_ms = note.retry_ms ?? 0;
            if (note.retry_ms !== undefined) {
                this._socket.lost(LOST);
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
        this._forgetTyping();
        if (this._socket.tick() && this._socket.greeted) {
            this._sendSeen();
            this._sender.pump();
            if (!this.degraded) {
                this._sender.stealIfStuck();
            }
        }
    }

    // Nobody says that he has stopped typing.
    _forgetTyping() {
        for (const log of this.sessions.values()) {
            if (log.typing !== null && Date.now() - log.typing.at > TYPING_SHOWN_MS) {
                log.typing = null;
                this._touch();
            }
        }
    }

    // Any question that has an answer shows whether the link is alive.
    _probe() {
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
            } else if (now - wish.at > SEEN_MS && this._socket.greeted) {
                wish.at = now;
                this._socket.send({type: 'seen', session, index: wish.index});
            }
        }
    }

    // ---- small things ---------------------------------------------------

    _store(name, text) {
        try {
            this._storage.setItem(`${this._space}.${name}`, text);
        } catch {
            // It will be asked for again, that is all.
        }
    }

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
