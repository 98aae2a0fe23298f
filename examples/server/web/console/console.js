// console.js - the agents' console: sign in, take offers, hold several sessions side by side.
// SPDX-License-Identifier: MIT

import {UsherLink} from '../usher.js';
import {usableStorage} from '../usher-outbox.js';
import {el, fill, keepChildren, pageStorage, watchPage} from '../usher-page.js';
import {THREAD_STYLE} from '../usher-thread-style.js';
import {Alert} from './alert.js';
import {Column} from './column.js';
import {SessionList} from './list.js';
import {Offers} from './offers.js';
import {SignIn} from './signin.js';
import {queueName, TEXTS} from './texts.js';
import {Top} from './top.js';

const BASE = new URL('../', import.meta.url);
const TOKEN = 'usher.agent';
const SIDE_PX = 290;
const COLUMN_PX = 320;
const PHONE = '(max-width: 719px)';
const FRESH_MS = 60000;         // what was said longer ago makes no sound
const NOTICE_MS = 12000;

class Desk {
    constructor({agent, token}, alert, over) {
        const url = new URL('usher', BASE);
        url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
        this._alert = alert;
        this._over = over;
        this._columns = new Map();      // id -> Column
        this._visible = [];             // ids, from left to right
        this._cleared = new Set();      // passed on or ended, and put away
        this._hidden = new Set();       // not to be shown until picked
        this._life = new AbortController();
        this._current = null;
        this._used = new Map();         // id -> when it was last picked
        this.link = new UsherLink({url: url.href, as: 'agent', token, space: `usher.agent.${agent}`,
                                   storage: pageStorage('localStorage'),
                                   locks: navigator.locks});
        this._build();
        this._listen();
        this.link.connect();
    }

    _build() {
        const link = this.link;
        this._top = new Top(link, TEXTS, {ready: (on, why) => this._ready(on, why),
                                          signOut: () => this._signOut(),
                                          wake: () => link.wake()}, this._life.signal);
        this._offers = new Offers(link, TEXTS, (text) => this._tellForAWhile(text),
                                    this._life.signal);
        this._list = new SessionList(link, TEXTS, (id) => this._pick(id, true));
        this._notices = el('div.notices', {role: 'alert'});
        this._room = el('main.columns');
        this._pick_hint = el('p.hint', {}, TEXTS.pick);
        this.node = el('div.desk', {}, this._top.node, this._top.banner,
                       el('div.body', {},
                          el('aside.side', {}, this._notices, this._offers.node,
                             this._list.node),
                          this._room));
    }

    _listen() {
        this.link.on('change', () => this._draw())
            .on('offer', (offer) => this._offered(offer))
            .on('offer_over', (note) => this._offerOver(note))
            .on('agent', (note) => this._agentNote(note))
            .on('fact', ({log, fact}) => this._fact(log, fact))
            .on('refused', (event) => this._refused(event))
            .on('state', (state) => state === 'signed_out' && this._leave(TEXTS.signin.over));
        const {signal} = this._life;
        watchPage(this.link, signal);
        addEventListener('resize', () => this._draw(), {signal});
        addEventListener('focus', () => this._draw(), {signal});
        addEventListener('blur', () => this._draw(), {signal});
        document.addEventListener('visibilitychange', () => this._draw(), {signal});
    }

    // ---- drawing --------------------------------------------------------

    _name(log) {
        return log.visitor.name || fill(TEXTS.visitor, {id: log.id.slice(0, 4)});
    }

    _logs() {
        return [...this.link.sessions.values()]
            .filter((log) => log.public.cursor > 0 && !this._cleared.has(log.id))
            .sort((a, b) => (a.opened_at ?? 0) - (b.opened_at ?? 0));
    }

    // How many fit side by side.
    _roomFor() {
        return Math.max(1, Math.min(3, Math.floor((innerWidth - SIDE_PX) / COLUMN_PX)));
    }

    _draw() {
        const logs = this._logs();
        this._arrange(logs);
        this._top.draw();
        this._offers.draw();
        this._list.draw(logs, (log) => this._name(log), this._visible, this._current);
        const columns = this._visible.map((id) => this._column(id));
        for (const column of columns) {
            column.node.classList.toggle('current', column.id === this._current);
            column.draw(this._name(column.log));
        }
        this._pick_hint.hidden = columns.length > 0 || logs.length === 0;
        keepChildren(this._room, [this._pick_hint, ...columns.map((column) => column.node)]);
        this.node.classList.toggle('in-session', this._current !== null);
        this._read(columns);
        this._ring(logs);
        this._tellOrphans();
    }

    // A text for a session that is not here any more has no other place to be seen.
    _tellOrphans() {
        for (const {key, command, failed} of this.link.orphans()) {
            const why = TEXTS.whys[failed.why] ?? failed.text;
            this._tell(fill(TEXTS.lost_text, {why, text: command.body}));
            this.link.discard(key);
        }
    }

    // Columns of sessions that are gone go; a free place is taken by the next session.
    _arrange(logs) {
        const there = new Set(logs.map((log) => log.id));
        const room = this._roomFor();
        for (const id of this._columns.keys()) {
            if (!there.has(id)) {
                this._columns.delete(id);
            }
        }
        this._visible = this._visible.filter((id) => there.has(id));
        while (this._visible.length > room) {
            this._visible.splice(this._visible.indexOf(this._oldest()), 1);
        }
        if (this._current !== null && !there.has(this._current)) {
            this._current = null;
        }
        for (const log of logs) {
            if (this._visible.length < room && !this._visible.includes(log.id)
                && !this._hidden.has(log.id) && log.open && log.mine) {
                this._visible.push(log.id);
            }
        }
    }

    _oldest() {
        const used = (id) => (id === this._current ? Infinity : this._used.get(id) ?? 0);
        return [...this._visible].sort((a, b) => used(a) - used(b))[0];
    }

    _column(id) {
        let column = this._columns.get(id);
        if (column === undefined) {
            column = new Column(this.link, TEXTS, id, {
                hide: (hidden) => this._hide(hidden), clear: (gone) => this._clear(gone),
                back: () => this._back()});
            column.node.addEventListener('focusin', () => this._focused(id));
            this._columns.set(id, column);
        }
        return column;
    }

    // What stands on the screen of a person who looks at it is read.
    _read(columns) {
        if (this._looking()) {
            for (const column of columns) {
                if (!matchMedia(PHONE).matches || column.id === this._current) {
                    column.read();
                }
            }
        }
    }

    _looking() {
        return document.visibilityState === 'visible' && document.hasFocus();
    }

    _ring(logs) {
        const unread = logs.reduce((sum, log) => sum + log.unread('agent'), 0);
        this._alert.update([...this.link.offers.values()], this._looking() ? 0 : unread,
                           (id) => queueName(id, this.link));
    }

    _tell(text) {
        const note = el('p.notice', {}, text,
                        el('button.small', {type: 'button', onclick: () => note.remove()},
                           TEXTS.dismiss));
        this._notices.append(note);
        return note;
    }

    _tellForAWhile(text) {
        const note = this._tell(text);
        setTimeout(() => note.remove(), NOTICE_MS);
    }

    // ---- what happens ---------------------------------------------------

    _offered(offer) {
        const title = fill(TEXTS.notify_offer, {queue: queueName(offer.queue, this.link)});
        this._alert.offer(offer, title, this._offers.who(offer));
    }

    _offerOver(note) {
        const template = TEXTS.offer.over[note.why];
        if (note.why === 'accepted') {
            this._cleared.delete(note.session);
        } else if (template !== undefined) {
            this._tellForAWhile(fill(template, this._offers.words(note.offer)));
        }
    }

    _agentNote(note) {
        if (!note.ready && note.why === 'missed') {
            this._tell(TEXTS.missed_away);
        } else if (!note.ready && note.why === 'lost') {
            this._tell(TEXTS.lost_away);
        }
    }

    _fact(log, fact) {
        if (fact.type === 'joined' && fact.agent.id === this.link.me.agent && log.current) {
            this._cleared.delete(log.id);
            if (fact.key !== undefined) {
                // His hands are free: the button that he pressed is gone.
                this._pick(log.id, document.activeElement === document.body);
            }
        } else if (fact.type === 'said' && fact.by.kind === 'visitor'
                   && this.link.serverNow() - fact.at < FRESH_MS && log.current && log.mine
                   && !(this._looking() && this._visible.includes(log.id))) {
            this._alert.said(log.id, fill(TEXTS.notify_said, {who: this._name(log)}), '');
        }
    }

    _refused({note, command}) {
        if (command !== null && command !== undefined && note.why !== 'closed') {
            const why = TEXTS.whys[note.why] ?? note.text;
            this._tellForAWhile(fill(TEXTS.refused, {why}));
        }
    }

    // ---- what the agent does --------------------------------------------

    _ready(on, reason) {
        this._alert.allow();
        if (on) {
            this._alert.askPermission();
        }
        this.link.ready(on, reason).catch((refused) => {
            this._tellForAWhile(fill(TEXTS.refused, {
                why: TEXTS.whys[refused.note.why] ?? refused.message}));
        });
    }

    async _signOut() {
        const gone = this.link.me?.ready && this.link.state === 'open'
            ? this.link.ready(false) : Promise.resolve();
        await Promise.race([gone.catch(() => {}), new Promise((done) => setTimeout(done, 1500))]);
        this.link.disconnect();
        this._leave('');
    }

    _leave(why) {
        this._life.abort();
        this._over(why);
    }

    _pick(id, focus) {
        this._hidden.delete(id);
        if (!this._visible.includes(id)) {
            if (this._visible.length >= this._roomFor()) {
                this._visible[this._visible.indexOf(this._oldest())] = id;
            } else {
                this._visible.push(id);
            }
        }
        this._focused(id);
        this._draw();
        if (focus && !matchMedia(PHONE).matches) {
            this._columns.get(id).focus();
        }
    }

    _focused(id) {
        this._used.set(id, Date.now());
        if (this._current !== id) {
            this._current = id;
            this._draw();
        }
    }

    _hide(id) {
        this._hidden.add(id);
        this._visible = this._visible.filter((one) => one !== id);
        this._back();
    }

    _clear(id) {
        this._cleared.add(id);
        this._back();
    }

    _back() {
        this._current = null;
        this._draw();
    }
}

// ---- the page -----------------------------------------------------------

function begin() {
    const alert = new Alert(TEXTS);
    const tokens = usableStorage(pageStorage('sessionStorage'));
    const sheet = new CSSStyleSheet();
    const show = (node) => document.body.replaceChildren(node);
    const signin = new SignIn(BASE, TEXTS.signin, () => alert.allow(), (who) => {
        tokens.setItem(TOKEN, JSON.stringify(who));
        enter(who);
    });
    const leave = (why) => {
        tokens.removeItem(TOKEN);
        alert.update([], 0, String);
        show(signin.node);
        signin.show(why);
    };
    const enter = (who) => show(new Desk(who, alert, leave).node);

    sheet.replaceSync(THREAD_STYLE);
    document.adoptedStyleSheets = [sheet];
    document.addEventListener('pointerdown', () => alert.allow());
    const kept = tokens.getItem(TOKEN);
    if (kept !== null) {
        enter(JSON.parse(kept));
    } else {
        show(signin.node);
        signin.show('');
    }
}

begin();
