// usher-socket.js - keeps one WebSocket to the desk alive, and comes back with full jitter.
// SPDX-License-Identifier: MIT
//
//   off -> connecting -> open -> waiting -> connecting ...
//                          |---> replaced    (too many links of ours; back by wake())
//                          '---> signed_out  (back by connect() only)

const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 30000;
const STEADY_MS = 10000;        // a link that has lived so long was no accident
const HELLO_MS = 15000;         // connecting and hello together
const ANSWER_MS = 15000;        // no word so long after a question: the link is dead
const QUIET_MS = 25000;         // so long without a word, and we ask for one
const WAKE_QUIET_MS = 5000;

export const LOST = 1006;

export class Socket {
    // {url} and maybe {WebSocket, random}. Whoever extends it has opened(), received(object),
    // settled(), closed(code), changed(state), and ask(), to send something that is answered.
    constructor({url, WebSocket, random}) {
        this.state = 'off';
        this.online = true;
        this.greeted = false;           // hello has been answered
        this.after_ms = 0;              // the server asked us to stay away so long
        this.patient = false;           // answers may take long: do not give up on them
        this._url = url;
        this._WebSocket = WebSocket ?? globalThis.WebSocket;
        this._random = random ?? Math.random;
        this._ws = null;
        this._attempt = 0;
        this._since = 0;
        this._heard = 0;
        this._asked = 0;                // when the oldest unanswered question left
        this._come_back = null;
        this._hello = null;
    }

    connect() {
        if (this.state === 'off' || this.state === 'signed_out') {
            this._attempt = 0;
            this._open();
        }
    }

    disconnect(state = 'off') {
        clearTimeout(this._come_back);
        this._hangUp();
        this._set(state);
    }

    send(object, question = false) {
        if (this._ws === null || this._ws.readyState !== 1) {
            return false;
        }
        this._ws.send(JSON.stringify(object));
        if (question) {
            this._asked ||= Date.now();
        }
        return true;
    }

    // The hello was answered.
    welcome() {
        clearTimeout(this._hello);
        this.greeted = true;
        this._since = Date.now();
        this._set('open');
    }

    // Something says that the network may be back: try now.
    wake() {
        this.online = true;
        if (this.state === 'waiting' || this.state === 'replaced') {
            this._openIn(this._random() * 250);
        } else if (this.greeted && Date.now() - this._heard > WAKE_QUIET_MS) {
            this.ask();
        }
    }

    // The network is said to be gone. A dead socket may take minutes to say so.
    sleep() {
        this.online = false;
        if (this._ws !== null) {
            this.lost(LOST);
        }
    }

    // Once a second. False: the link was given up.
    tick() {
        const now = Date.now();
        if (this._asked > 0 && now - this._asked > ANSWER_MS && !this.patient) {
            this.lost(LOST);
            return false;
        }
        if (this.greeted && this._asked === 0 && now - this._heard > QUIET_MS) {
            this.ask();
        }
        return true;
    }

    // The link is over, whoever ended it.
    lost(code) {
        if (this._since > 0 && Date.now() - this._since > STEADY_MS) {
            this._attempt = 0;
        }
        this._hangUp();
        this.closed(code);
        if (code === 4409) {
            this._set('replaced');
        } else if (this.state !== 'off' && this.state !== 'signed_out') {
            this._comeBack(code);
        }
    }

    // Full jitter: a thousand pages that lost one server must not return together.
    _comeBack(code) {
        if (code === 1013 || code === 4429 || code === 4400) {
            this._attempt = Math.max(this._attempt, 3);
        }
        const span = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** this._attempt);
        this._attempt = Math.min(this._attempt + 1, 10);
        this._openIn(this.after_ms + this._random() * span);
        this.after_ms = 0;
        this._set('waiting');
    }

    _openIn(ms) {
        clearTimeout(this._come_back);
        this._come_back = setTimeout(() => this._open(), ms);
    }

    _open() {
        clearTimeout(this._come_back);
        if (this._ws !== null) {
            return;
        }
        const ws = new this._WebSocket(this._url, 'usher.v1');
        const ours = (then) => (event) => {
            if (ws === this._ws) {
                then(event);
            }
        };
        this._ws = ws;
        this._hello = setTimeout(() => this.lost(LOST), HELLO_MS);
        ws.onopen = ours(() => this.opened());
        ws.onmessage = ours((event) => this._receive(event.data));
        ws.onclose = ours((event) => this.lost(event.code));
        ws.onerror = () => {};
        this._set('connecting');
    }

    // A frame holds one object or more, separated by newlines.
    _receive(data) {
        this._heard = Date.now();
        this._asked = 0;
        for (const line of String(data).split('\n')) {
            if (line !== '' && this._ws !== null) {
                this.received(JSON.parse(line));
            }
        }
        this.settled();
    }

    // Forget the socket, and tell it so if it still listens.
    _hangUp() {
        const ws = this._ws;
        this._ws = null;
        this.greeted = false;
        this._since = 0;
        this._asked = 0;
        clearTimeout(this._hello);
        if (ws !== null) {
            ws.close(1000);
        }
    }

    _set(state) {
        if (this.state !== state) {
            this.state = state;
            this.changed(state);
        }
    }
}
