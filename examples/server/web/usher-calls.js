// usher-calls.js - asks questions whose answers matter only to this page, as promises.
// SPDX-License-Identifier: MIT
//
// Unlike what is in the outbox they die with the page. They outlive a link:
// repeated under the same key, a question still has one effect and one answer.

import {newKey} from './usher-outbox.js';

export class Refused extends Error {
    constructor(note) {
        super(note.text || note.why);
        this.note = note;
    }
}

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
