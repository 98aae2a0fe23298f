// usher.js - the link of an agent: all that a visitor's does, and offers, notes and the board.
// SPDX-License-Identifier: MIT
//
// Events besides those of usher-link.js: offer, offer_over, agent.

import {Link} from './usher-link.js';
import {Log, SessionLog} from './usher-log.js';

// What agents see of a session has two logs: the one of its facts, and an internal one.
class AgentLog extends SessionLog {
    constructor(id) {
        super(id);
        this.internal = new Log();
        this.cleared = false;           // passed on or ended, and put away
        this._merged = null;
    }

    // What a hello lists although it was cleared is his again.
    told(entry) {
        super.told(entry);
        this.cleared = false;
    }
    apply(fact, now) {
        this._merged = null;
        return super.apply(fact, now);
    }
    reset(note) {
        this._merged = null;
        super.reset(note);
    }
    prepend(note) {
        this._merged = null;
        super.prepend(note);
    }

    logOf({log}) {
        return log === 'internal' ? this.internal : this.public;
    }

    // Both logs as one list: an internal fact stands behind the public one that it follows.
    list() {
        if (this._merged === null) {
            const merged = [];
            let i = 0;
            for (const fact of this.public.facts) {
                while (i < this.internal.facts.length
                       && this.internal.facts[i].after < fact.index) {
                    merged.push(this.internal.facts[i++]);
                }
                merged.push(fact);
            }
            this._merged = merged.concat(this.internal.facts.slice(i));
        }
        return this._merged;
    }
}

export class UsherLink extends Link {
    constructor(options) {
        super(options);
        this.offers = new Map();        // id -> the offer note
        this._skew = 0;                 // server's clock minus ours
    }

    // The server's clock, as well as we know it.
    serverNow() {
        return Date.now() + this._skew;
    }

    whisper(session, body) {
        return this._put({type: 'whisper', session, body});
    }
    move(session, to) {
        return this._put({type: 'move', session, ...to});
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
    // A supervisor: notes `board` come from now on, or no more.
    board(on) {
        return this._calls.call({type: 'board', on});
    }

    _newLog(id) {
        return new AgentLog(id);
    }

    _cursor(log) {
        return this.as === 'visitor' ? super._cursor(log)
            : [log.public.cursor, log.internal.cursor];
    }

    // Whoever is not there is offered nothing; the next hello shows them anew.
    _release() {
        this.offers.clear();
        super._release();
    }

    // Only a hello that is refused for this says that the token is none.
    _refuse(note) {
        if (this.as === 'agent' && !this.greeted && note.why === 'unauthorized') {
            this.disconnect('signed_out');
        } else {
            super._refuse(note);
        }
    }

    _welcome(hello) {
        this._skew = hello.now - Date.now() || 0;
        super._welcome(hello);
    }

    // An agent keeps seeing what he passed on, but may not speak there.
    _learned(log, fact) {
        if (this.as === 'agent' && log.current) {
            if (fact.type === 'joined') {
                log.mine = fact.agent.id === this.me.agent;
            } else if (fact.type === 'moved' || fact.type === 'left') {
                log.mine = false;
            }
        }
        super._learned(log, fact);
    }

    _note(note) {
        if (note.type === 'offer') {
            this.offers.set(note.offer, note);
            this._emit('offer', note);
        } else if (note.type === 'offer_over') {
            this.offers.delete(note.offer);
            this._emit('offer_over', note);
        } else if (note.type === 'agent') {
            this.me = {...this.me, ready: note.ready, why: note.why, reason: note.reason};
            this._emit('agent', note);
        } else {
            super._note(note);
        }
    }
}
