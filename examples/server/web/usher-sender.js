// usher-sender.js - sends what is in the outbox, in order, one at a time a session, until answered.
// SPDX-License-Identifier: MIT
//
// A *lane* is what keeps an order among its commands: a session, or a start with
// all that was written before it was answered.

import {Outbox, Turn} from './usher-outbox.js';
import {byteLength} from './usher-text.js';

const OLD_MS = 24 * 3600 * 1000;  // nobody expects a text of yesterday to be sent now
const STEAL_MS = 3000;
const STEAL_AGAIN_MS = 30000;
// What a person wrote, and would miss.
const TEXTS = ['start', 'say', 'whisper'];

export class Sender {
    // {storage, locks, space, send(command) or false, changed()}.
    constructor(options) {
        this.outbox = new Outbox(options.storage, options.space, options.changed);
        this._turn = new Turn(options.locks, `${options.space}.sender`, () => this.pump());
        this._send = options.send;
        this._flight = new Map();       // lane -> key
        this._waits = new Map();        // lane -> not before
        this._stolen = 0;
    }

    // The link is up: send, when it is this tab's turn.
    begin() {
        for (const entry of this.outbox.list()) {
            if (entry.failed === undefined && Date.now() - entry.at > OLD_MS) {
                this._giveUp(entry, 'old', 'it waited for too long');
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
            this.outbox.fail(entry.key, 'too_large', 'too long');
        }
        this.pump();
        return entry.key;
    }

    pump() {
        const busy = new Set();
        for (const entry of this._turn.mine ? this.outbox.list() : []) {
            const lane = entry.command.session ?? `start:${entry.start ?? entry.key}`;
            if (entry.failed !== undefined || busy.has(lane)) {
                continue;
            }
            busy.add(lane);
            if (entry.start !== undefined) {
                // First in its lane although its start is not answered: that is lost.
                this.outbox.fail(entry.key, 'unknown', 'the session was not opened');
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
        if (entry?.command.type === 'start' && answer.session !== undefined) {
            this.outbox.resolve(key, answer.session);
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
            this.outbox.resolve(entry.key, note.session);
            this.outbox.replace(entry.key, {type: 'say', session: note.session, body});
        } else {
            this._giveUp(entry, note.why, note.text);
        }
        return entry.command;
    }

    // A text stays, for its writer to see; anything else is gone.
    _giveUp(entry, why, text) {
        if (TEXTS.includes(entry.command.type)) {
            this.outbox.failStart(entry.key, why, text);
            this.outbox.fail(entry.key, why, text);
        } else {
            this.outbox.remove(entry.key);
        }
    }

    // The link ended over a bad frame: what was on its way would end the next one too.
    poisoned() {
        for (const key of [...this._flight.values()]) {
            this.refused({key, why: 'bad_frame', text: 'not acceptable'});
        }
    }

    // It stays under its old key until it is refused for good; then only a new one helps.
    retry(key) {
        const entry = this.outbox.find(key);
        if (entry?.failed !== undefined) {
            this.outbox.replace(key, entry.command);
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
