// usher-log.js - folds the facts and notes of one session into what a page shows of it.
// SPDX-License-Identifier: MIT

// A log is numbered 1, 2, 3 … without gap; what is here is first … cursor.
export class Log {
    constructor() {
        this.first = 1;
        this.cursor = 0;
        this.facts = [];
    }
}

// A session has two sides, and each has read up to somewhere.
function side(by) {
    return by.kind === 'visitor' ? 'visitor' : 'agent';
}

export class SessionLog {
    constructor(id) {
        this.id = id;
        this.public = new Log();
        this.queue = null;
        this.agent = null;      // who has it: {id, name}
        this.next = null;       // whom it waits for, after a move to an agent
        this.visitor = {};      // name and e-mail from the form
        this.opened_at = null;
        this.closed = null;     // the fact that closed it last
        this.place = null;      // the newest note of its place in line
        this.here = {};         // who of the other side is here, by kind
        this.typing = null;     // {by, at}
        this.changed_at = 0;
        this.mine = true;       // ours to speak in: an agent may have passed it on
        this.more = true;       // older facts can be asked for, if first > 1
        this.shown = 0;         // the last text that this page has shown
        this._state = 'waiting';
        this._told = null;      // the state that hello gave for index _head
        this._head = 0;
        this.seen = {visitor: 0, agent: 0}; // up to which index each side has read
    }

    // While old facts stream in, the state is what hello said; else it is what they made.
    get state() {
        return this.current ? this._state : this._told;
    }

    // Has all streamed in that was there when the link came up?
    get current() {
        return this.public.cursor >= this._head;
    }

    get open() {
        return this.state !== 'closed';
    }

    // A session in hello: where the log ends and what the state is there.
    told(entry) {
        this._told = entry.state;
        this._state = entry.state;
        this._head = entry.head;
        this.queue = entry.queue ?? this.queue;
        this.mine = true;
        this.place = null;
        this.typing = null;
    }

    // 'new', 'old' (had it already), or 'gap' (something before it is missing).
    apply(fact, now) {
        const log = this.logOf(fact);
        if (fact.index <= log.cursor) {
            return 'old';
        }
        if (fact.index > log.cursor + 1) {
            return 'gap';
        }
        log.cursor = fact.index;
        log.facts.push(fact);
        this.changed_at = now;
        this._fold(fact);
        return 'new';
    }

    reset(note) {
        const log = this.logOf(note);
        log.first = note.first;
        log.cursor = note.first - 1;
        log.facts = [];
        this.more = true;
    }

    // What is news, and no fact.
    note(note, now) {
        if (note.type === 'place') {
            this.place = note;
        } else if (note.type === 'typing') {
            this.typing = {by: note.by, at: now};
        } else {
            this.here[note.who] = note.here;
        }
    }

    // Older facts, put before what is here; the cursor stays. Those that would leave a gap
    // answer a question of before a reset, or one that only asked whether anybody is there.
    prepend(note) {
        let joined = note.facts.length === 0;
        for (const fact of [...note.facts].reverse()) {
            const log = this.logOf(fact);
            if (fact.index === log.first - 1) {
                log.first--;
                log.facts.unshift(fact);
                this._remember(fact);
                joined = true;
            }
        }
        this.more = joined ? note.more : this.more;
    }

    // The log that a fact, or a note about facts, belongs to.
    logOf() {
        return this.public;
    }

    list() {
        return this.public.facts;
    }

    // The last text of the other side; what a `seen` of ours would name. 0: none.
    lastOfOthers(us) {
        for (let i = this.public.facts.length - 1; i >= 0; i--) {
            const fact = this.public.facts[i];
            if (fact.type === 'said' && side(fact.by) !== us) {
                return fact.index;
            }
        }
        return 0;
    }

    unread(us) {
        const upto = Math.max(this.seen[us], this.shown);
        let n = 0;
        for (let i = this.public.facts.length - 1; i >= 0; i--) {
            const fact = this.public.facts[i];
            if (fact.index <= upto) {
                break;
            }
            if (fact.type === 'said' && side(fact.by) !== us) {
                n++;
            }
        }
        return n;
    }

    // What holds whether the fact is new or from far back.
    _remember(fact) {
        if (fact.type === 'seen') {
            this.seen[side(fact.by)] = Math.max(this.seen[side(fact.by)], fact.upto);
        } else if (fact.type === 'opened') {
            this.visitor = {name: fact.by?.name, ...fact.form};
            this.opened_at = fact.at;
        }
    }

    _fold(fact) {
        this._remember(fact);
        switch (fact.type) {
        case 'opened':
        case 'reopened':
            this._wait(fact.queue, null);
            this.closed = null;
            this.opened_at ??= fact.at;
            break;
        case 'joined':
            this._state = 'active';
            this.agent = fact.agent;
            this.next = null;
            this.place = null;
            break;
        case 'left':
            this._wait(fact.queue, null);
            break;
        case 'moved':
            this._wait(fact.queue, fact.agent ?? null);
            break;
        case 'closed':
            this._state = 'closed';
            this.closed = fact;
            this.place = null;
            this.typing = null;
            break;
        case 'said':
            if (this.typing !== null && side(this.typing.by) === side(fact.by)) {
                this.typing = null;
            }
            // After a reset the `joined` may be far back; who speaks as an agent has it.
            if (this.agent === null && this.state === 'active' && fact.by.kind !== 'visitor'
                && fact.by.id !== undefined) {
                this.agent = {id: fact.by.id, name: fact.by.name};
            }
            // Only those who speak say of what kind they are.
            if (this.agent !== null && this.agent.id === fact.by.id) {
                this.agent = {...this.agent, kind: fact.by.kind};
            }
            break;
        default:
            break;
        }
    }

    _wait(queue, next) {
        this._state = 'waiting';
        this.queue = queue ?? this.queue;
        this.agent = null;
        this.next = next;
        this.typing = null;
    }
}
