// usher-outbox.js - keeps commands until they are answered, and sends them in order.
// SPDX-License-Identifier: MIT
//
// Each command is one item of the store, shared by all tabs of one person, so that two
// tabs never write the same item for different reasons, and a page that dies loses
// nothing. The item's name holds the time, so that names sort in the order of sending.
// A *lane* is what keeps an order among its commands: a session, or a start with all that
// was written before it was answered. A *call* is a question whose answer matters only to
// this page, so that it dies with it.

import {byteLength} from './usher-dom.js';

const OLD_MS = 24 * 3600 * 1000;  // nobody expects a text of yesterday to be sent now
const STEAL_MS = 3000;
const STEAL_AGAIN_MS = 30000;
// What a person wrote, and would miss.
const TEXTS = ['start', 'say', 'whisper'];

// A Storage that refuses nothing: what the browser does not keep is kept until the page is left.
export class Store {
    // open: () => localStorage, say. It may throw.
    constructor(open) {
        this._spare = new Map();
        try {
            this._storage = open();
        } catch {
            // Then there is none.
        }
    }

    names() {
        return [...new Set([...Object.keys(this._storage ?? {}), ...this._spare.keys()])];
    }

    get(name) {
        return this._spare.get(name) ?? this._storage?.getItem(name) ?? null;
    }

    set(name, text) {
        this._spare.delete(name);
        try {
            this._storage.setItem(name, text);
        } catch {
            this._spare.set(name, text);
        }
    }

    remove(name) {
        this._spare.delete(name);
        this._storage?.removeItem(name);
    }
}

// A new key: 128 random bits, so that no two commands ever share one.
export function newKey() {
    const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

class Outbox {
    // changed() is called after every change that this tab makes.
    constructor(storage, space, changed) {
        this._storage = storage;
        this._prefix = `${space}.out.`;
        this._changed = changed;
        this._last = 0;
        this._list = null;
    }

    // Is this the name of one of our items? Then another tab has changed it.
    owns(name) {
        return name === null || name.startsWith(this._prefix);
    }

    // What is known may be stale: another tab wrote.
    refresh() {
        this._list = null;
    }

    // Oldest first: {name, key, command, at, start?, failed?}. Never change one.
    list() {
        this._list ??= this._storage.names().filter((name) => name.startsWith(this._prefix)).sort()
            .map((name) => this._read(name)).filter((entry) => entry !== null);
        return this._list;
    }

    find(key) {
        return this.list().find((entry) => entry.key === key);
    }

    // `start`: the key of a start that is still on its way, whose session this command means.
    add(command, start) {
        this._last = Math.max(this._last + 1, Date.now());
        const time = String(this._last).padStart(15, '0');
        return this._write({name: `${this._prefix}${time}.${newKey()}`, command, at: this._last,
                            start});
    }

    remove(key) {
        const entry = this.find(key);
        if (entry !== undefined) {
            this._storage.remove(entry.name);
            this._touch();
        }
    }

    // The answer is final and it is no; it stays for the person to see.
    fail(key, why, text) {
        const entry = this.find(key);
        if (entry !== undefined) {
            this._write({...entry, failed: {why, text}});
        }
    }

    // What was written while the start was on its way.
    followers(start) {
        return this.list().filter((entry) => entry.start === start);
    }

    // The start has its session: what was written meanwhile goes there.
    resolve(start, session) {
        for (const entry of this.followers(start)) {
            this._write({...entry, start: undefined, command: {...entry.command, session}});
        }
    }

    // Put another command in the place of one, under a new key, which another tab that
    // does so finds as well. The new name sorts where the old one did.
    replace({key, name, at}, command) {
        this.remove(key);
        this._write({name: name.slice(0, -32) + key.slice(1) + key[0], command, at});
    }

    _read(name) {
        try {
            const entry = JSON.parse(this._storage.get(name));
            return typeof entry.command.type === 'string'
                ? {...entry, name, key: name.slice(-32)} : null;
        } catch {
            return null;
        }
    }

    _write(entry) {
        const {name, key, ...rest} = entry;
        this._storage.set(name, JSON.stringify(rest));
        this._touch();
        return this._read(name);
    }

    _touch() {
        this._list = null;
        this._changed();
    }
}

// Which tab sends: the one that holds the lock. Without locks every tab does,
// which is harmless, since a key repeated has one effect.
class Turn {
    constructor(locks, name, changed) {
        this._locks = locks;
        this._name = name;
        this._changed = changed;
        this._round = 0;
        this.mine = false;
    }

    // Wait for it, or with `steal` take it from a tab that sleeps.
    take(steal = false) {
        this.drop();
        const round = this._round;
        const hold = () => round === this._round && new Promise((resolve) => {
            this._let_go = resolve;
            this.mine = true;
            this._changed();
        });
        if (!this._locks) {
            hold();
            return;
        }
        this._locks.request(this._name, {steal}, hold).catch((error) => {
            if (error.name !== 'AbortError') {
                hold();         // there are no locks for us
            } else if (round === this._round) {
                this.take();    // stolen by a tab that is quicker: stand in line again
            }
        });
    }

    drop() {
        this._round++;
        this.mine = false;
        this._let_go?.();
        this._let_go = undefined;
    }
}

export class Sender {
    // {storage: a Store, locks, space, send(command) or false, changed()}.
    constructor(options) {
        this.outbox = new Outbox(options.storage, options.space, options.changed);
        this._turn = new Turn(options.locks, `${options.space}.sender`, () => this.pump());
        this._send = options.send;
        this._opened = new Map();       // start -> the session that it has
        this._flight = new Map();       // lane -> key
        this._waits = new Map();        // lane -> not before
        this._stolen = 0;
    }

    // The link is up: send, when it is this tab's turn.
    begin() {
        for (const entry of this.outbox.list()) {
            if (entry.failed === undefined && Date.now() - entry.at > OLD_MS) {
                this._giveUp(entry, 'old');
            }
        }
        this._turn.take();
    }

    // The link is gone, and with it what was on its way.
    release() {
        this._turn.drop();
        this._flight.clear();
    }

    put(command, frame_max) {
        const start = command.session?.start;
        const entry = this.outbox.add(start === undefined ? command
            : {...command, session: null}, start);
        if (byteLength(JSON.stringify({...command, key: entry.key})) > frame_max) {
            this.outbox.fail(entry.key, 'too_large');
        }
        this.pump();
        return entry.key;
    }

    pump() {
        const busy = new Set();
        // Another tab may have written for a start before it heard of the answer.
        this._opened.forEach((session, start) => this.outbox.resolve(start, session));
        for (const entry of this._turn.mine ? this.outbox.list() : []) {
            const lane = entry.command.session ?? `start:${entry.start ?? entry.key}`;
            if (entry.failed !== undefined || busy.has(lane)) {
                continue;
            }
            busy.add(lane);
            if (entry.start !== undefined) {
                // First in its lane although its start is not answered: that is lost.
                this.outbox.fail(entry.key, 'unknown');
            } else if (!this._flight.has(lane) && (this._waits.get(lane) ?? 0) <= Date.now()
                       && this._send({...entry.command, key: entry.key})) {
                this._flight.set(lane, entry.key);
            }
        }
    }

    // By a fact or by `done`; in whichever tab it was sent.
    answered(key, answer) {
        const entry = this.outbox.find(key);
        this._land(key);
        if (answer.type === 'opened' || entry?.command.type === 'start') {
            this._follow(key, answer.session);
        }
        this.outbox.remove(key);
    }

    // The command that was refused, or undefined: it was none of ours.
    refused(note) {
        const entry = note.key === undefined ? undefined : this.outbox.find(note.key);
        this._land(note.key);
        if (entry === undefined) {
            return undefined;
        }
        const {type, body} = entry.command;
        if (note.retry_ms !== undefined) {
            this._waits.set(entry.command.session ?? `start:${entry.key}`,
                            Date.now() + note.retry_ms);
            setTimeout(() => this.pump(), note.retry_ms + 20);
        } else if (type === 'start' && note.why === 'taken' && note.session !== undefined) {
            // One is open already, so that is where the text belongs.
            this._follow(entry.key, note.session);
            this.outbox.replace(entry, {type: 'say', session: note.session, body});
        } else {
            this._giveUp(entry, note.why, note.text);
        }
        return entry.command;
    }

    _follow(start, session) {
        this._opened.set(start, session);
        this.outbox.resolve(start, session);
    }

    // A text stays, for its writer to see; anything else is gone.
    _giveUp(entry, why, text) {
        if (TEXTS.includes(entry.command.type)) {
            for (const {key} of [...this.outbox.followers(entry.key), entry]) {
                this.outbox.fail(key, why, text);
            }
        } else {
            this.outbox.remove(entry.key);
        }
    }

    // The link ended over a bad frame: what was on its way would end the next one too.
    poisoned() {
        for (const key of [...this._flight.values()]) {
            this.refused({key, why: 'bad_frame'});
        }
    }

    // It stays under its old key until it is refused for good; then only a new one helps.
    retry(key) {
        const entry = this.outbox.find(key);
        if (entry?.failed !== undefined) {
            this.outbox.replace(entry, entry.command);
            this.pump();
        }
    }

    // The tab whose turn it is may be asleep.
    stealIfStuck() {
        const now = Date.now();
        const stuck = this.outbox.list().some((entry) => entry.failed === undefined
            && now - entry.at > STEAL_MS);
        if (stuck && !this._turn.mine && now - this._stolen > STEAL_AGAIN_MS
            && globalThis.document?.visibilityState !== 'hidden') {
            this._stolen = now;
            this._turn.take(true);
        }
    }

    _land(key) {
        for (const [lane, sent] of this._flight) {
            if (sent === key) {
                this._flight.delete(lane);
            }
        }
    }
}

export class Refused extends Error {
    constructor(note) {
        super(note.text || note.why);
        this.note = note;
    }
}

// They outlive a link: repeated under the same key, a question still has one effect
// and one answer.
export class Calls {
    // send(command) sends it now, or returns false.
    constructor(send) {
        this._send = send;
        this._calls = new Map();        // key -> {command, resolve, reject, sent}
    }

    call(command) {
        return new Promise((resolve, reject) => {
            this._calls.set(newKey(), {command, resolve, reject, sent: false});
            this.pump();
        });
    }

    pump() {
        for (const [key, call] of this._calls) {
            call.sent = call.sent || this._send({...call.command, key});
        }
    }

    // The link is gone, and with it what was on its way.
    unsent() {
        for (const call of this._calls.values()) {
            call.sent = false;
        }
    }

    answered(key, answer) {
        this._calls.get(key)?.resolve(answer);
        return this._calls.delete(key);
    }

    // False: it was none of ours.
    refused(note) {
        const call = this._calls.get(note.key);
        if (call === undefined) {
            return false;
        }
        if (note.retry_ms !== undefined) {
            setTimeout(() => {
                call.sent = false;
                this.pump();
            }, note.retry_ms);
        } else {
            this._calls.delete(note.key);
            call.reject(new Refused(note));
        }
        return true;
    }
}
