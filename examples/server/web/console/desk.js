// desk.js - the console of an agent who is signed in: draws what the link knows, and does what he asks.
// SPDX-License-Identifier: MIT
//
// A language has nodes of its own: when another is chosen the desk is built anew
// around the same link, arrangement and drafts.

import {el, fill, keepChildren} from '../usher-page.js';
import {Announcer} from './announce.js';
import {Board} from './board.js';
import {CannedEditor, CannedStore} from './canned.js';
import {Column} from './column.js';
import {Customer} from './customer.js';
import {Idle} from './idle.js';
import {Help, meaning, typing} from './keys.js';
import {grid} from './layout.js';
import {SessionList} from './list.js';
import {Offers} from './offers.js';
import {queueName} from './texts.js';
import {Top} from './top.js';

const CUSTOMER_PX = 290;
const PHONE_PX = 720;
const FRESH_MS = 60000;         // what was said longer ago makes no sound
const NOTICE_MS = 12000;

export class Desk {
    // page: {link, texts, prefs, size, alert, drafts, arrangement, agent, speak(lang), signOut()}.
    constructor(page) {
        this._page = page;
        this._texts = page.texts;
        this._columns = new Map();      // id -> Column
        this._life = new AbortController();
        this._place = page.arrangement;
        this._view = 'sessions';
        this._overlay = false;          // the customer stands before the sessions
        this._scheduled = false;
        this._away = null;              // the notice that says why he is not ready
        this.link = page.link;
        this._build();
        this._listen();
        this._draw();
    }

    _build() {
        const {link, _texts: texts, _page: page} = this;
        const {signal} = this._life;
        this._announcer = new Announcer();
        this._canned = new CannedStore(page.prefs, page.agent, texts.canned.set);
        this._help = new Help(texts, page.prefs);
        this._editor = new CannedEditor(this._canned, texts);
        this._top = new Top(page, {
            ready: (on, why) => this._ready(on, why), view: (view) => this._show(view),
            help: () => this._help.toggle(), editCanned: () => this._editor.show(),
            signOut: page.signOut, wake: () => link.wake()}, signal);
        this._offers = new Offers(link, texts, (text) => this._tellForAWhile(text), signal);
        this._list = new SessionList(link, texts, page.drafts, (id) => this._pick(id, true));
        this._idle = new Idle(link, texts, () => this._ready(true));
        this._customer = new Customer(link, texts, () => this._toggleCustomer());
        this._board = new Board(link, texts, signal);
        this._notices = el('div.notices', {role: 'alert'});
        this._columns_room = el('div.columns');
        this._main = el('main.room', {id: 'main', tabindex: '-1', 'aria-label': texts.sessions},
                        this._columns_room, this._board.node);
        this.node = el('div.desk', {}, el('a.skip', {href: '#main', onclick: (event) => {
            event.preventDefault();
            this._skip();
        }}, texts.skip), this._top.node, this._top.banner,
                       el('div.body', {}, el('aside.side', {'aria-label': texts.offers},
                                             this._notices, this._offers.node, this._list.node),
                          this._main, this._customer.node),
                       this._announcer.node, this._help.node, this._editor.node);
    }

    _listen() {
        const {signal} = this._life;
        const draw = () => this._draw();
        addEventListener('resize', draw, {signal});
        addEventListener('focus', draw, {signal});
        addEventListener('blur', draw, {signal});
        document.addEventListener('visibilitychange', draw, {signal});
        document.addEventListener('keydown', (event) => this._key(event), {signal});
    }

    // The page is left, or built anew.
    end() {
        this._life.abort();
        this._board.watch(false);
    }

    // ---- drawing --------------------------------------------------------

    // Once a frame is often enough, however much comes in.
    schedule() {
        if (this._scheduled) {
            return;
        }
        this._scheduled = true;
        const draw = () => this._scheduled && this._draw();
        if (document.visibilityState === 'hidden') {
            setTimeout(draw);
        } else {
            requestAnimationFrame(draw);
        }
    }

    _name(log) {
        return log.visitor.name || fill(this._texts.visitor, {id: log.id.slice(0, 4)});
    }

    _logs() {
        return [...this.link.sessions.values()]
            .filter((log) => log.public.cursor > 0 && !log.cleared)
            .sort((a, b) => (a.opened_at ?? 0) - (b.opened_at ?? 0));
    }

    get _narrow() {
        return innerWidth / this._page.size.scale < PHONE_PX;
    }

    // The room for sessions, and whether the customer stands beside them.
    _grid(n) {
        const {scale} = this._page.size;
        const width = this._main.clientWidth / scale + (this._docked ? CUSTOMER_PX : 0);
        const height = this._main.clientHeight / scale;
        const full = grid(width, height, n);
        const less = grid(width - CUSTOMER_PX, height, n);
        const docked = this._page.prefs.get('customer', true) && n > 0 && !this._narrow
            && this._view === 'sessions' && width > 2.2 * CUSTOMER_PX
            && less.rows === full.rows && less.room >= Math.min(n, full.room);
        return {...docked ? less : full, docked, room: this._narrow ? 1 : full.room};
    }

    _draw() {
        if (this._life.signal.aborted) {
            return;
        }
        this._scheduled = false;
        const logs = this._logs();
        const narrow = this._narrow;
        const {classList} = this.node;
        classList.toggle('narrow', narrow);
        classList.toggle('on-board', this._view === 'board');
        this._top.draw(this._view);
        this._offers.draw();
        this._board.node.hidden = this._view !== 'board';
        this._columns_room.hidden = this._view === 'board';
        this._place.arrange(logs, this._grid(logs.length).room);
        const shown = this._place.shown();
        const {columns, rows, docked} = this._grid(shown.length);
        this._docked = docked;
        classList.toggle('docked', docked);
        classList.toggle('in-session', this._place.current !== null && this._view === 'sessions');
        this._columns_room.style.setProperty('--columns', narrow ? 1 : columns);
        this._columns_room.style.setProperty('--rows', narrow ? 1 : rows);
        this._list.draw(logs, (log) => this._name(log), this._place);
        this._drawColumns(logs, shown);
        this._drawCustomer(docked);
        this._ring(logs);
        this._tellOrphans();
    }

    _drawColumns(logs, shown) {
        for (const id of this._columns.keys()) {
            if (!logs.some((log) => log.id === id)) {
                this._columns.delete(id);
            }
        }
        const columns = shown.map((id) => this._column(id));
        keepChildren(this._columns_room, columns.length === 0 ? [this._idle.node]
            : columns.map((column) => column.node));
        for (const column of columns) {
            const number = logs.findIndex((log) => log.id === column.id) + 1;
            column.node.classList.toggle('current', column.id === this._place.current);
            column.draw(this._name(column.log), number > 0 && number < 7 ? String(number) : '');
        }
        this._idle.draw(logs.length);
        this._read(columns);
    }

    _drawCustomer(docked) {
        const id = this._place.current ?? this._place.shown()[0];
        const log = this.link.sessions.get(id);
        this._overlay = this._overlay && log !== undefined && !docked;
        this._customer.node.hidden = !(docked || this._overlay) || this._view === 'board';
        this.node.classList.toggle('overlay', this._overlay);
        if (!this._customer.node.hidden) {
            this._customer.draw(log, log && this._name(log));
        }
    }

    // A text for a session that is not here any more has no other place to be seen.
    _tellOrphans() {
        for (const {key, command, failed} of this.link.orphans()) {
            const why = this._texts.whys[failed.why] ?? failed.text;
            if (command.body !== undefined) {
                this._tell(fill(this._texts.lost_text, {why, text: command.body}));
            }
            this.link.discard(key);
        }
    }

    _column(id) {
        let column = this._columns.get(id);
        if (column === undefined) {
            column = new Column(this.link, this._texts, id, {
                hide: () => this._leaveColumn(() => this._place.hide(id)),
                clear: () => this._clear(id), customer: () => this._toggleCustomer(id),
                back: () => this._leaveColumn(() => this._place.focus(null)),
                drafts: this._page.drafts, canned: this._canned,
                editCanned: () => this._editor.show(), values: () => this._values(id)});
            column.node.addEventListener('focusin', () => this._focused(id));
            this._columns.set(id, column);
        }
        return column;
    }

    // What a canned reply may name.
    _values(id) {
        const log = this.link.sessions.get(id);
        return {name: log.visitor.name, agent: this.link.me?.name,
                queue: queueName(log.queue, this.link)};
    }

    // What stands on the screen of a person who looks at it is read.
    _read(columns) {
        if (this._looking() && this._view === 'sessions') {
            for (const column of columns) {
                if (!this._narrow || column.id === this._place.current) {
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
        this._page.alert.update([...this.link.offers.values()], this._looking() ? 0 : unread,
                                (id) => queueName(id, this.link));
    }

    _tell(text) {
        const note = el('p.notice', {}, el('span', {}, text), el('button.small', {
            type: 'button', onclick: () => note.remove()}, this._texts.dismiss));
        this._notices.append(note);
        return note;
    }

    _tellForAWhile(text) {
        const note = this._tell(text);
        setTimeout(() => note.remove(), NOTICE_MS);
    }

    // ---- what happens ---------------------------------------------------

    greeted() {
        this._board.greeted();
    }

    offered(offer) {
        const title = fill(this._texts.notify_offer, {queue: queueName(offer.queue, this.link)});
        const who = this._offers.who(offer);
        this._page.alert.offer(offer, title, who);
        this._announcer.sayNow(`${title}. ${who}.`);
    }

    offerOver(note) {
        const template = this._texts.offer.over[note.why];
        if (template !== undefined) {
            this._tellForAWhile(fill(template, this._offers.words(note.offer)));
        }
    }

    agentNote(note) {
        this._away?.remove();
        this._away = null;
        if (!note.ready && note.why === 'missed') {
            this._away = this._tell(this._texts.missed_away);
        } else if (!note.ready && note.why === 'lost') {
            this._away = this._tell(this._texts.lost_away);
        }
    }

    note(note) {
        if (note.type === 'board') {
            this._board.note(note);
        }
    }

    fact(log, fact) {
        if (fact.type === 'joined' && fact.agent.id === this.link.me.agent && log.current) {
            log.cleared = false;
            // Who is in the middle of a sentence is not torn away from it.
            const at = document.activeElement;
            if (fact.key === undefined) {
                this._given(log, fact);
            } else if (!(typing(at) && at.value !== '')) {
                this._pick(log.id, true);
            }
        } else if (fact.type === 'said' && fact.by.kind === 'visitor'
                   && this.link.serverNow() - fact.at < FRESH_MS && log.current && log.mine) {
            this._heard(log, fact);
        }
    }

    // No offer rang for it: what the visitor said last is the news.
    _given(log, fact) {
        const said = log.public.facts.findLast(({type, by}) => type === 'said'
            && by.kind === 'visitor');
        if (said !== undefined && this.link.serverNow() - fact.at < FRESH_MS) {
            this._heard(log, said);
        }
    }

    // A thread that is on the screen speaks for itself.
    _heard(log, fact) {
        const shown = this._view === 'sessions' && this._place.shown().includes(log.id);
        if (!shown) {
            this._announcer.say(`${this._name(log)}: ${fact.body}`);
        }
        if (!shown || !this._looking()) {
            this._page.alert.said(log.id, fill(this._texts.notify_said, {who: this._name(log)}),
                                  '');
        }
    }

    refused({note, command}) {
        // A text that was refused stands in its thread, and says why.
        if (command && command.body === undefined && note.why !== 'closed') {
            const why = this._texts.whys[note.why] ?? note.text;
            this._tellForAWhile(fill(this._texts.refused, {why}));
        }
    }

    // ---- what the agent does --------------------------------------------

    openSettings() {
        this._top.settings?.reopen();
    }

    _ready(on, reason) {
        this._page.alert.allow();
        if (on) {
            this._page.alert.askPermission();
        }
        this.link.ready(on, reason).catch((refused) => {
            this._tellForAWhile(fill(this._texts.refused, {
                why: this._texts.whys[refused.note.why] ?? refused.message}));
        });
    }

    _show(view) {
        if (view !== this._view && (view === 'sessions' || this.link.me?.role === 'supervisor')) {
            this._view = view;
            this._board.watch(view === 'board');
            this._draw();
        }
    }

    _pick(id, focus) {
        this._show('sessions');
        this._place.pick(id, this._grid(this._logs().length).room);
        this._draw();
        if (focus && !this._narrow) {
            this._columns.get(id).focus();
        }
    }

    _focused(id) {
        if (this._place.focus(id)) {
            this.schedule();
        }
    }

    // The focus goes on with the next session, or the list.
    _leaveColumn(act) {
        act();
        this._draw();
        const next = this._place.shown()[0];
        if (next !== undefined && !this._narrow) {
            this._columns.get(next).focus();
        } else {
            (this._list.node.querySelector('.item') ?? this._main).focus();
        }
    }

    _clear(id) {
        this._page.drafts.drop(id);
        this.link.sessions.get(id).cleared = true;
        this._leaveColumn(() => this._place.focus(null));
    }

    // Beside the sessions if there is room, else before them.
    _toggleCustomer(id = this._place.current) {
        const {prefs} = this._page;
        const back = document.activeElement;
        if (id !== null) {
            this._place.focus(id);
        }
        if (!this._customer.node.hidden) {
            if (this._docked) {
                prefs.set('customer', false);
            }
            this._overlay = false;
            this._draw();
            if (!back?.isConnected || back.closest('[hidden]')) {
                this._columns.get(this._place.current ?? this._place.shown()[0])?.focus();
            }
            return;
        }
        prefs.set('customer', true);
        this._draw();
        this._overlay = this._customer.node.hidden;
        this._draw();
        this._customer.focus();
    }

    _skip() {
        const first = this._place.current ?? this._place.shown()[0];
        if (this._view === 'sessions' && first !== undefined && !this._narrow) {
            this._columns.get(first).focus();
        } else {
            this._main.focus();
        }
    }

    // ---- the keyboard ---------------------------------------------------

    _key(event) {
        if (event.key === 'Escape' && this._overlay) {
            this._toggleCustomer();
            return;
        }
        const meant = this._help.on ? meaning(event) : null;
        if (meant === null || this._editor.node.open
            || (this._help.node.open && meant.id !== 'help')) {
            return;
        }
        event.preventDefault();
        this._do(meant);
    }

    _do({id, n}) {
        const column = this._columns.get(this._place.current ?? this._place.shown()[0]);
        const logs = this._logs();
        const acts = {
            help: () => this._help.toggle(),
            pick: () => logs[n - 1] && this._pick(logs[n - 1].id, true),
            next: () => this._step(logs, 1),
            previous: () => this._step(logs, -1),
            unread: () => this._pickUnread(logs),
            accept: () => this._offers.answer(true),
            decline: () => this._offers.answer(false),
            ready: () => this._top.toggleReady(),
            board: () => this._show(this._view === 'board' ? 'sessions' : 'board'),
            reply: () => column?.composer.mode(false),
            whisper: () => column?.composer.mode(true),
            move: () => column?.open('move'),
            end: () => column?.open('end'),
            hide: () => column && (column.log.open && column.log.mine
                ? this._leaveColumn(() => this._place.hide(column.id)) : this._clear(column.id)),
            customer: () => column && this._toggleCustomer(column.id),
            alone: () => this._alone(column),
        };
        acts[id]();
    }

    _step(logs, by) {
        if (logs.length > 0) {
            const at = logs.findIndex((log) => log.id === this._place.current);
            const next = at < 0 ? (by > 0 ? 0 : logs.length - 1) : at + by + logs.length;
            this._pick(logs[next % logs.length].id, true);
        }
    }

    _pickUnread(logs) {
        const at = logs.findIndex((log) => log.id === this._place.current) + 1;
        const next = [...logs.slice(at), ...logs.slice(0, at)]
            .find((log) => log.unread('agent') > 0);
        if (next !== undefined) {
            this._pick(next.id, true);
        }
    }

    _alone(column) {
        if (column !== undefined) {
            this._place.alone = !this._place.alone;
            this._pick(column.id, true);
        }
    }
}
